import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { parseSyslog } from './parse-syslog.ts';
import type { SyslogMessage } from './parse-syslog.ts';

const NOW = new Date('2026-01-02T03:04:05Z');

describe('RFC 5424', () => {
  it.each<[what: string, text: string, said: SyslogMessage]>([
    [
      'the example of the RFC, with its byte order mark',
      "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \uFEFF'su root' failed for lonvick on /dev/pts/8",
      {
        facility: 4,
        severity: 2,
        timestamp: '2003-10-11T22:14:15.003Z',
        hostname: 'mymachine.example.com',
        app_name: 'su',
        message: "'su root' failed for lonvick on /dev/pts/8",
      },
    ],
    [
      'structured data, and an offset in the time',
      '<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 evntslog 8710 ID47 [exampleSDID@32473 iut="3" eventID="1011"][prio@32473 class="high"] An entry',
      {
        facility: 20,
        severity: 5,
        timestamp: '2003-08-24T05:14:15.000003-07:00',
        hostname: '192.0.2.1',
        app_name: 'evntslog',
        message: 'An entry',
      },
    ],
    [
      'brackets, quotes and backslashes in structured data',
      String.raw`<13>1 - h a - - [x@1 p="a \] b \" c \\"] done ] here`,
      { facility: 1, severity: 5, hostname: 'h', app_name: 'a', message: 'done ] here' },
    ],
    [
      'structured data and no message: it is the message',
      '<13>1 - h a - - [x@1 p="only this"]',
      { facility: 1, severity: 5, hostname: 'h', app_name: 'a', message: '[x@1 p="only this"]' },
    ],
    [
      'structured data that never ends: it stays in the message',
      '<13>1 - h a - - [x@1 p="open message',
      { facility: 1, severity: 5, hostname: 'h', app_name: 'a', message: '[x@1 p="open message' },
    ],
    [
      'nothing but nils: all of it is the message',
      '<13>1 - - - - - -',
      { facility: 1, severity: 5, message: '<13>1 - - - - - -' },
    ],
    [
      'a time that there is not',
      '<13>1 2026-13-41T25:61:61Z h a - - - text',
      { facility: 1, severity: 5, hostname: 'h', app_name: 'a', message: 'text' },
    ],
    [
      'another version: the message is what follows the priority',
      '<13>2 - h a - - - x',
      {
        facility: 1,
        severity: 5,
        message: '2 - h a - - - x',
      },
    ],
  ])('reads %s', (_, text, said) => {
    expect(parseSyslog(text, NOW)).toEqual(said);
  });

  const word = fc.stringMatching(/^[!-~]{1,20}$/);
  test.prop([
    fc.integer({ min: 0, max: 191 }),
    word,
    word,
    fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string()),
    fc.string({ unit: 'binary', minLength: 1 }),
  ])('reads back whatever is sent with structured data', (priority, hostname, app, data, sent) => {
    const message = sent.replace(/^[\uFEFF ]+|[\r\n\0]+$/g, '') || 'x';
    const parameters = Object.entries(data).map(([name, value]) => ` ${name}="${value.replace(/["\\\]]/g, '\\$&')}"`);
    const text = `<${priority}>1 2026-01-01T00:00:00Z ${hostname} ${app} 1 - [id@1${parameters.join('')}] ${message}`;
    expect(parseSyslog(text, NOW)).toEqual({
      facility: priority >> 3,
      severity: priority & 7,
      timestamp: '2026-01-01T00:00:00Z',
      ...(hostname !== '-' && { hostname }),
      ...(app !== '-' && { app_name: app }),
      message,
    });
  });
});

describe('RFC 3164', () => {
  it.each<[what: string, text: string, said: SyslogMessage]>([
    [
      'the example of the RFC: a December not yet come was last year',
      "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
      {
        facility: 4,
        severity: 2,
        timestamp: '2025-10-11T22:14:15.000Z',
        hostname: 'mymachine',
        app_name: 'su',
        message: "'su root' failed for lonvick on /dev/pts/8",
      },
    ],
    [
      'no priority, a padded day, a process id',
      'Jan  1 00:00:00 web_01 sshd[4711]: Accepted publickey for root',
      {
        timestamp: '2026-01-01T00:00:00.000Z',
        hostname: 'web_01',
        app_name: 'sshd',
        message: 'Accepted publickey for root',
      },
    ],
    [
      'no host: the tag follows the time',
      '<13>Jan  2 00:00:00 cron[1]: job done\r\n',
      { facility: 1, severity: 5, timestamp: '2026-01-02T00:00:00.000Z', app_name: 'cron', message: 'job done' },
    ],
    [
      'an IPv6 address as the host, and no tag',
      '<13>Jan  2 00:00:00 fe80:: link is down',
      { facility: 1, severity: 5, timestamp: '2026-01-02T00:00:00.000Z', hostname: 'fe80::', message: 'link is down' },
    ],
    [
      'a year and a fraction, as Cisco sends them',
      '<189>Mar  1 2024 18:46:11.5: %SYS-5-CONFIG_I: Configured from console',
      {
        facility: 23,
        severity: 5,
        timestamp: '2024-03-01T18:46:11.500Z',
        message: '%SYS-5-CONFIG_I: Configured from console',
      },
    ],
    [
      'the time as rsyslog forwards it',
      '<30>2026-01-02T03:04:05.123456+01:00 db-1 postgres[77]: checkpoint complete',
      {
        facility: 3,
        severity: 6,
        timestamp: '2026-01-02T03:04:05.123456+01:00',
        hostname: 'db-1',
        app_name: 'postgres',
        message: 'checkpoint complete',
      },
    ],
    [
      'February 29, in the only year near that has one',
      '<13>Feb 29 12:00:00 h a: leap',
      { facility: 1, severity: 5, hostname: 'h', app_name: 'a', message: 'leap' },
    ],
    [
      'a time that there is not',
      '<13>Jan 99 99:99:99 h a: when?',
      { facility: 1, severity: 5, hostname: 'h', app_name: 'a', message: 'when?' },
    ],
  ])('reads %s', (_, text, said) => {
    expect(parseSyslog(text, NOW)).toEqual(said);
  });
});

describe('what is neither', () => {
  it.each<[what: string, text: string, said: SyslogMessage]>([
    ['plain text', 'link down', { message: 'link down' }],
    ['a priority and plain text', '<11>link down', { facility: 1, severity: 3, message: 'link down' }],
    ['a priority alone', '<11>', { facility: 1, severity: 3, message: '<11>' }],
    ['a priority out of bounds', '<192>x', { message: '<192>x' }],
    ['a priority that is no number', '<a>1 - h a - - - x', { message: '<a>1 - h a - - - x' }],
    ['a month that there is not', 'Foo 11 22:14:15 h a: x', { hostname: 'h', app_name: 'a', message: 'x' }],
    ['JSON', '{"message":"x"}', { message: '{"message":"x"}' }],
    ['line ends alone', '\r\n\0', { message: '' }],
  ])('keeps %s', (_, text, said) => {
    expect(parseSyslog(text, NOW)).toEqual(said);
  });

  const fragment = fc.oneof(
    fc.constantFrom(
      '<34>',
      '1 ',
      '- ',
      '-',
      '[',
      ']',
      '"',
      '\\',
      '=',
      ' ',
      ':',
      '\uFEFF',
      '\0',
      '\n',
      'Oct 11 22:14:15 ',
      '2026-01-01T00:00:00Z ',
      'host ',
      'a@1 ',
    ),
    fc.string({ unit: 'binary' }),
  );
  test.prop([fc.array(fragment).map((fragments) => fragments.join('')), fc.date({ noInvalidDate: true })])(
    'never fails, and cuts nothing but a header off the message',
    (text, now) => {
      const { message } = parseSyslog(text, now);
      const sent = text.replace(/[\r\n\0]+$/, '');
      expect(sent.endsWith(message)).toBe(true);
      if (sent !== '') expect(message).not.toBe('');
    },
  );

  it.each([
    ['brackets', '<13>1 - h a - - ' + '['.repeat(1_000_000)],
    ['quotes', '<13>1 - h a - - [x ' + '"]'.repeat(500_000)],
    ['backslashes', '<13>1 - h a - - [x p="' + '\\'.repeat(1_000_001)],
    ['line ends with something behind them', '\r\n'.repeat(500_000) + 'x'],
    ['a word without an end', '<13>Oct 11 22:14:15 ' + 'x'.repeat(1_000_000)],
  ])('takes no time for a million of %s', (_, text) => {
    const started = performance.now();
    expect(text.endsWith(parseSyslog(text, NOW).message)).toBe(true);
    // Linear takes milliseconds, quadratic minutes.
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
