import { expect, it } from '@jest/globals';
import { place } from '../../../src/cli/output/place.ts';

it('is as short as one would say it', () => {
  expect(place('/home/ann/app/.streamlit/secrets.toml', '/home/ann/app', '/home/ann')).toBe('.streamlit/secrets.toml');
  expect(place('/home/ann/.streamlit/secrets.toml', '/home/ann/app', '/home/ann')).toBe('~/.streamlit/secrets.toml');
  expect(place('/run/secrets/pets', '/home/ann/app', '/home/ann')).toBe('/run/secrets/pets');
  expect(place('env:PETS_URL', '/home/ann/app', '/home/ann')).toBe('env:PETS_URL');
});
