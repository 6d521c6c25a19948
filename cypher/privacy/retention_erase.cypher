// Remove touchpoints that are kept for longer than the policy says
// Answers: how many were removed of each load (null: of none); their customers are marked, so that their journeys are put
// together anew.
// Parameters:
//   $source  text or null: the source, e.g. 'shop'; null: every source that is not named
//   $named  list of text: sources that have a rule of their own, e.g. ['shop']
//   $before_us  integer: what is older is due (microseconds since 1970, UTC), e.g. 1767225600000000
//   $channels  list of text: only of these channels; empty: of all, e.g. []
//   $steps  list of text: only of these steps; empty: of all, e.g. []
//   $limit  integer: how many at once, e.g. 5000
:params {source: 'shop', named: ['shop'], before_us: 1767225600000000, channels: [], steps: [], limit: 5000};
MATCH (t:Touchpoint|SetAside)
WHERE t.occurred_at_us < $before_us AND (t.source = $source OR ($source IS NULL AND NOT t.source IN $named))
  AND (size($channels) = 0 OR t.channel IN $channels) AND (size($steps) = 0 OR t.step IN $steps)
WITH t LIMIT $limit
OPTIONAL MATCH (c:Customer)-[:MADE]->(t)
SET c:Unthreaded
WITH t, t.batch_id AS batch_id
DETACH DELETE t
RETURN batch_id, count(*) AS touchpoints
