// Transition matrix: how often what follows what, as a share
// Answers: for every step and the next one in the same path how often (count), and its share of everything that leaves the
// step ('row'), of everything that leads to the next one ('column') or of all transitions ('total'). Every path begins with
// '(start)' and finishes with '(end)'.
// Parameters:
//   $per  text: what a path is, 'journey', 'session' or 'customer' (all of a customer's journeys in a row)
//   $normalise  text: 'row', 'column' or 'total'
:params {per: 'journey', normalise: 'row'};
// journeys {
MATCH (j:Journey|Session)
WHERE j:Session = ($per = 'session')
WITH j {journey_id: coalesce(j.session_id, j.journey_id), .customer_id, .outcome, .value, .steps, .channels,
        .occurred_at_us} AS journey
// } journeys
WITH journey, CASE $per WHEN 'customer' THEN journey.customer_id ELSE journey.journey_id END AS path_id
ORDER BY journey.customer_id, journey.occurred_at_us[0], journey.journey_id
WITH path_id, journey.customer_id AS customer_id, collect(journey) AS parts
WITH CASE size(parts) WHEN 1 THEN parts[0].steps
                      ELSE reduce(all = [], part IN parts | all + part.steps) END AS names
WITH ['(start)'] + names + ['(end)'] AS nodes
UNWIND range(1, size(nodes) - 1) AS k
WITH nodes[k - 1] AS source, nodes[k] AS target, count(*) AS count
WITH CASE $normalise WHEN 'row' THEN source WHEN 'column' THEN target ELSE '' END AS line,
     collect({source: source, target: target, count: count}) AS cells, sum(count) AS total
UNWIND cells AS cell
RETURN cell.source AS source, cell.target AS target, cell.count AS count, toFloat(cell.count) / total AS share
ORDER BY source, target
