import { execFileSync } from 'node:child_process';

/** Before all specs: `dist`, for those that run the package as its users do. */
export default function build(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit', shell: process.platform === 'win32' });
}
