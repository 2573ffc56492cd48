export { backOff } from './back-off.ts';
export type { LifecycleEvent } from './events.ts';
export { LifecycleContext } from './context.ts';
export type { Instance } from './instance.ts';
export type { InstanceLease } from './instance.ts';
export { Lifecycle } from './lifecycle.ts';
export type { Listener } from './resource.ts';
export type { WaitResult } from './waiters.ts';
export {
  defaultPolicies,
  policyNames,
  readPolicies,
  type Policies,
  type PolicyOptions,
  type RetryOptions,
} from './policy.ts';
export type { Resource } from './resource.ts';
export type { RetireReason } from './events.ts';
export { stateName, type State, type Target } from './state.ts';
