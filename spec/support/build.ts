import { execFileSync } from 'node:child_process';

/** Before all specs: `dist`, for those that run the package as its users do. `HOTLINE_TEST_SKIP_BUILD=1` takes the one that is there. */
export default function build(): void {
  if (process.env['HOTLINE_TEST_SKIP_BUILD'] === '1') return;
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit', shell: process.platform === 'win32' });
}
