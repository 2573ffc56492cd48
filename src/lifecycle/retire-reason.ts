/** Why an instance ended. */
export type RetireReason =
  'replaced' | 'expired' | 'idle' | 'evicted' | 'reset' | 'removed' | 'kind-changed' | 'closed' | 'failed';
