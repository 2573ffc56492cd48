export { backOff } from './back-off.ts';
export type { LifecycleEvent } from './event.ts';
export { Host } from './host.ts';
export type { Instance } from './instance.ts';
export type { InstanceLease } from './lease.ts';
export { Lifecycle } from './lifecycle.ts';
export type { Listener } from './listener.ts';
export type { Outcome } from './outcome.ts';
export {
  defaultPolicies,
  policyNames,
  readPolicies,
  type Policies,
  type PolicyOptions,
  type RetryOptions,
} from './policy.ts';
export type { Resource } from './resource.ts';
export type { RetireReason } from './retire-reason.ts';
export { stateName, type State, type Target } from './state.ts';
