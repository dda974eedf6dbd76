-- One statement, so that rules and hosts are of the same moment; with its result as the rules file would have it.
select
  coalesce((select json_agg(host order by host) from dev_hosts), '[]') as dev_hosts,
  coalesce((select json_agg(to_jsonb(alert_rules) - 'position' order by position) from alert_rules), '[]') as rules
