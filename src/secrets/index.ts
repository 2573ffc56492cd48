export type { Config } from './config.ts';
export type { DescribedSetting, Description } from './description.ts';
