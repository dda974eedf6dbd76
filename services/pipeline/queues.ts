/** The lists of the pipeline, shared with the Python services. Pushed on the left, taken from the right. */
export const QUEUES = {
  /** Events, as the ingestor received them. */
  ingest: 'mutt:ingest_queue',
  /** Alerts for Moog. */
  alert: 'mutt:alert_queue',
  /** Events that no rule matched, the latest so many. */
  unhandled: 'mutt:unhandled',
  /** Events that could not be worked on, or were shed. */
  alerterDlq: 'mutt:dlq:alerter',
  /** Alerts that Moog refused. */
  moogDlq: 'mutt:dlq:moog',
} as const;
