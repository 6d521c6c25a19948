// Write the order, journeys and sessions of some customers
// Answers: how many customers are done. One whose touchpoints changed since they were read, or who has journeys by now, keeps
// the mark.
// Parameters:
//   $rows  list of maps: customer_id, times, journeys [{from, to, outcome}] and sessions [{members, journey, outcome}],
//          whose numbers are places in the customer's order of touchpoints, or (journey) in journeys; without any journey
//          (the customer withdrew consent to analytics) nothing is joined
//   $goals  list of text: steps that are conversions, e.g. ['purchase']
:params {rows: [], goals: ['purchase']};
UNWIND range(0, size($rows) - 1) AS n
MATCH (c:Customer {customer_id: $rows[n].customer_id})
// The removal locks the customer, so what is read next cannot change until this transaction ends.
REMOVE c:Unthreaded
WITH n, c
OPTIONAL MATCH (c)-[:MADE]->(t:Touchpoint)
WITH n, c, t
ORDER BY t.occurred_at_us, t.touchpoint_id
WITH n, c, collect(t) AS ts, collect(t.occurred_at_us) AS times, collect(t.step) AS steps, collect(t.channel) AS channels
WITH $rows[n] AS row, c, ts, times, steps, channels
// Journeys that are there by now are those of a load that died: its last transaction was committed after this one looked.
WITH row, c, ts, times, steps, channels, times = row.times AND NOT EXISTS { (c)-[:HAD]->(:Journey) } AS unchanged
FOREACH (_ IN CASE WHEN unchanged THEN [] ELSE [1] END | SET c:Unthreaded)
WITH row, c, ts, times, steps, channels
WHERE unchanged
FOREACH (k IN CASE WHEN size(row.journeys) = 0 THEN [] ELSE range(1, size(ts) - 1) END |
  FOREACH (a IN [ts[k - 1]] |
    FOREACH (b IN [ts[k]] |
      CREATE (a)-[:NEXT {seconds: (times[k] - times[k - 1]) / 1e6}]->(b))))
FOREACH (path IN row.journeys |
  CREATE (c)-[:HAD]->(j:Journey {
    journey_id: 'j:' + ts[path.from].touchpoint_id, customer_id: row.customer_id, outcome: path.outcome,
    started_at: ts[path.from].occurred_at, ended_at: ts[path.to - 1].occurred_at,
    value: CASE path.outcome WHEN 'converted' THEN ts[path.to - 1].value END,
    currency: CASE path.outcome WHEN 'converted' THEN ts[path.to - 1].currency END,
    steps: steps[path.from..path.to], channels: channels[path.from..path.to],
    occurred_at_us: times[path.from..path.to]})
  FOREACH (k IN range(path.from, path.to - 1) |
    FOREACH (t IN [ts[k]] |
      CREATE (j)-[:INCLUDES {position: k - path.from}]->(t))))
FOREACH (path IN row.sessions |
  CREATE (s:Session {
    session_id: 's:' + ts[path.members[0]].touchpoint_id, customer_id: row.customer_id, outcome: path.outcome,
    journey_id: 'j:' + ts[row.journeys[path.journey].from].touchpoint_id,
    started_at: ts[path.members[0]].occurred_at, ended_at: ts[last(path.members)].occurred_at,
    value: CASE path.outcome WHEN 'converted' THEN
             reduce(total = null, k IN [k IN path.members WHERE steps[k] IN $goals AND ts[k].value IS NOT NULL] |
                    coalesce(total, 0.0) + ts[k].value) END,
    steps: [k IN path.members | steps[k]], channels: [k IN path.members | channels[k]],
    occurred_at_us: [k IN path.members | times[k]]})
  FOREACH (position IN range(0, size(path.members) - 1) |
    FOREACH (t IN [ts[path.members[position]]] |
      CREATE (s)-[:INCLUDES {position: position}]->(t))))
RETURN count(*) AS done
