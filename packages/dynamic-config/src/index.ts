export { DynamicConfig } from './dynamic-config.ts';
export type { LossOptions } from './dynamic-config.ts';
export type { StateListener } from './notifier.ts';
export type { Check, ChangeOptions, ConnectOptions, SetOptions, TypedConnectOptions } from './connect-options.ts';
export type { Service } from './service.ts';
export { parseInstanceName } from './instance-name.ts';
export type { InstanceName } from './instance-name.ts';
export type { ConnectTarget } from './open-store.ts';
export type { ConnectedInstance, Listeners } from './redis/instances.ts';
export type { NodeRedisClient } from './redis/node-redis-client.ts';
export type { ChangeStream } from './change-stream.ts';
export type { ConfigView } from './config-view.ts';
export type { Alarm, State, Status } from './status.ts';
export type { ChangeCallback } from './replica/callbacks.ts';
export type { AppliedChange } from './applied-change.ts';
export type { Update } from './replica/replica.ts';
export { seed } from './seed.ts';
export type { SeedOptions, SeedPlan } from './seed.ts';
export { envNameOf } from './seed-plan.ts';
export type { Environment, SeedMapping, SeedSource, SeedStep } from './seed-plan.ts';
export { redisUrlFromEnv } from './redis-url-from-env.ts';
export type { Clock } from './clock.ts';
export type { Logger } from './logger.ts';

export {
  assertKey,
  toChanges,
  formatValue,
  isKey,
  KEY_RULE,
  MAX_CHANGES,
  MAX_CHANGE_SET_BYTES,
  MAX_KEY_LENGTH,
  MAX_VALUE_BYTES,
} from './change-set.ts';
export type { ChangeInput, ValueInput } from './change-set.ts';

export { boolean } from './settings/boolean.ts';
export { json } from './settings/json.ts';
export { list } from './settings/list.ts';
export type { ListOptions } from './settings/list.ts';
export { integer, number } from './settings/number.ts';
export type { NumberOptions } from './settings/number.ts';
export { oneOf } from './settings/one-of.ts';
export { bytes, duration } from './settings/quantity.ts';
export type { QuantityOptions } from './settings/quantity.ts';
export { secret, SECRET_MASK, text } from './settings/text.ts';
export type { TextOptions } from './settings/text.ts';
export { toSettings } from './settings/declaration.ts';
export type { Declaration, Settings, ValueOf, ValuesOf } from './settings/declaration.ts';
export type { JsonSchema, Parsed, Setting, SettingOptions } from './settings/setting.ts';
export { describeSetting, settingOf } from './settings/description.ts';
export { ruleChecks } from './settings/rule-checks.ts';
export type { JsonSchemaCheck, PatternCheck, RuleChecks } from './settings/rule-checks.ts';
export { forcedReason } from './settings/forced-reason.ts';
export { ruleText } from './settings/rule-text.ts';
export { SettingsRegistry } from './settings/settings-registry.ts';
export type { Declarer, RegisteredSetting } from './settings/settings-registry.ts';
export {
  decodeRegistrations,
  descriptionJson,
  encodeRegistration,
  MOST_REGISTRATIONS,
  registrationJson,
  toRegistration,
} from './registration.ts';
export type { InvalidSetting } from './settings/setting-values.ts';
export type { StandardSchema } from './settings/standard-schema.ts';
export type { ChangeOf, InputOf, KeyOf, StringValues } from './typed-values.ts';

export { MemoryNamespace } from './memory/memory-namespace.ts';
export type { MemoryNamespaceOptions } from './memory/memory-namespace.ts';
export { MemoryStore } from './memory/memory-store.ts';

export { NO_HEAD, sameHead } from './store.ts';
export type {
  Change,
  ChangeSource,
  Commit,
  CommitOptions,
  CommittedChange,
  ConfigStore,
  Entry,
  Head,
  HistoryQuery,
  LoggedCommit,
  Reading,
  Registration,
  Registrations,
  SeenRegistration,
  SettingDescription,
  Snapshot,
  StoreEvent,
  StoreListener,
  Unwatch,
} from './store.ts';

export {
  AccessDeniedError,
  ClosedError,
  ConfigError,
  InvalidChangeSetError,
  InvalidKeyError,
  InvalidOptionError,
  InvalidValueError,
  KeyNotFoundError,
  OutcomeUnknownError,
  RevisionConflictError,
  StoreRefusedError,
  StoreUnavailableError,
  WrongTypeError,
} from './errors.ts';
export type { ErrorCode } from './errors.ts';
