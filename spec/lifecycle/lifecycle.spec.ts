import { describe, expect, it } from '@jest/globals';
import { play } from '../support/virtual/diagram.ts';

describe('promise 4: make before break', () => {
  it('opens the new one while the old one serves, and lets the old one drain', () => {
    const diagram = `
      config     a-----b------------
      want ann   ^------------------
      lease leo  ---^-------!-------
      ann hears  --a-----b----------
      status     o-r---p-r----------
      a1         oo======~~~x-------
      b2         ------oo===========
    `;
    expect(play(diagram)).toBe(diagram);
  });
});
