import { jest } from '@jest/globals';

// `.ci/run` races against real servers on machines that it shares: a test that fails has one more try, and the summary names it.
jest.retryTimes(Number(process.env['HOTLINE_TEST_RETRIES'] ?? 0), { logErrorsBeforeRetry: true });
