// Mark touchpoints that a load should have had and hasn't: what was exported again without them
// Answers: how many of the source's touchpoints that have one of the values were marked, some at a time; they are set aside
// when their customers' journeys are rebuilt. What a rule of the mapping said of them is kept for their return.
// Parameters:
//   $source  text: the source that was loaded again, e.g. 'ga4'
//   $property  text: the property whose values are loaded whole, e.g. 'p_event_date'
//   $values  list: those values of it that the load brought, e.g. ['20260301']
//   $batch_id  text: the load, e.g. '01f0'
//   $rule  text: what is told as the rule, e.g. 'replaced by load 01f0'
//   $limit  integer: how many at once, e.g. 10000
:params {source: 'ga4', property: 'p_event_date', values: ['20260301'], batch_id: '01f0', rule: 'replaced by load 01f0', limit: 10000};
MATCH (c:Customer)-[:MADE]->(t:Touchpoint|SetAside)
WHERE t.source = $source AND t[$property] IN $values AND coalesce(t.confirmed_by, '') <> $batch_id
  AND coalesce(t.traffic, '') <> 'replaced'
WITH c, t LIMIT $limit
SET t.traffic_before = t.traffic, t.traffic_rule_before = t.traffic_rule,
    t.traffic = 'replaced', t.traffic_rule = $rule, c:Unthreaded
RETURN count(t) AS touchpoints
