// Touchpoints that are kept for longer than the policy says
// Answers: how many are due by one rule, of how many customers.
// Parameters:
//   $source  text or null: the source, e.g. 'shop'; null: every source that is not named
//   $named  list of text: sources that have a rule of their own, e.g. ['shop']
//   $before_us  integer: what is older is due (microseconds since 1970, UTC), e.g. 1767225600000000
//   $channels  list of text: only of these channels; empty: of all, e.g. []
//   $steps  list of text: only of these steps; empty: of all, e.g. []
:params {source: 'shop', named: ['shop'], before_us: 1767225600000000, channels: [], steps: []};
MATCH (t:Touchpoint|SetAside)
WHERE t.occurred_at_us < $before_us AND (t.source = $source OR ($source IS NULL AND NOT t.source IN $named))
  AND (size($channels) = 0 OR t.channel IN $channels) AND (size($steps) = 0 OR t.step IN $steps)
OPTIONAL MATCH (c:Customer)-[:MADE]->(t)
RETURN count(DISTINCT t) AS touchpoints, count(DISTINCT c) AS customers
