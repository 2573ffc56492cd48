// Prints the tests that passed at their second try only, and `N passed, N failed` (and `, N skipped`), over all of jest's
// JSON results in a directory.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const directory = process.argv[2] ?? '.';
const results = readdirSync(directory)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')));

const sum = (count) => results.reduce((total, result) => total + count(result), 0);
const passed = sum((result) => result.numPassedTests);
// A suite that does not run (a syntax error, a missing import) has no tests to count; it is one failure.
const failed = sum((result) => result.numFailedTests + result.numRuntimeErrorTestSuites);
const skipped = sum((result) => result.numPendingTests + result.numTodoTests);

const unsteady = results
  .flatMap((result) => result.testResults)
  .flatMap((suite) => suite.assertionResults)
  .filter((test) => test.status === 'passed' && test.invocations > 1);
for (const test of unsteady) console.log(`passed at the second try only: ${test.fullName}`);

console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
