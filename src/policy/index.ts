export {
  defaultPolicies,
  policyNamed,
  policyNames,
  readPolicies,
  type Policies,
  type PolicyName,
  type PolicyOptions,
} from './policies.ts';
export {
  backOff,
  defaultDelays,
  loginDelays,
  loginPatience,
  readRetry,
  type Delays,
  type Retry,
  type RetryOptions,
} from './retry.ts';
