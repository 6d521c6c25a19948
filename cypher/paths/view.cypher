// Path view: from a step, to a step, or between two (a Sankey's links)
// Answers: how many paths (journeys; sessions or customers where $per says so) and customers go from one step to the next
// at each level. A link of level k leads from level k - 1 to level k. Without $from_step and $to_step the view begins at
// '(start)'; with $to_step alone it ends at level $levels. Paths that stop go to '(end)'; drop_off counts the lost of these.
// Parameters:
//   $per  text: what a path is, 'journey', 'session' or 'customer' (all of a customer's journeys in a row)
//   $from_step  text or null: the view begins at its first occurrence; paths without it are left out
//   $to_step  text or null: the view ends at its first occurrence (after $from_step); paths without it are left out
//   $levels  integer: how many transitions the view shows, e.g. 3
//   $kept  list of lists of text: for each level 0 to $levels the steps shown by name; the others are '(other)'
:params {per: 'journey', from_step: 'view_product', to_step: null, levels: 1, kept: [['view_product'], ['cart', '(end)']]};
// journeys {
MATCH (j:Journey|Session)
WHERE j:Session = ($per = 'session')
WITH j {journey_id: coalesce(j.session_id, j.journey_id), .customer_id, .outcome, .value, .steps, .channels,
        .occurred_at_us} AS journey
// } journeys
WITH journey, CASE $per WHEN 'customer' THEN journey.customer_id ELSE journey.journey_id END AS path_id
ORDER BY journey.customer_id, journey.occurred_at_us[0], journey.journey_id
WITH path_id, journey.customer_id AS customer_id, collect(journey) AS parts
WITH path_id, customer_id,
     CASE size(parts) WHEN 1 THEN parts[0].steps
                      ELSE reduce(all = [], part IN parts | all + part.steps) END AS names,
     CASE WHEN any(part IN parts WHERE part.outcome = 'converted') THEN 'converted'
          ELSE coalesce(last(parts).outcome, 'open') END AS outcome,
     last(last(parts).occurred_at_us) AS ended_at_us
WITH path_id, customer_id, outcome, ended_at_us, names,
     CASE WHEN $from_step IS NULL THEN -1
          ELSE coalesce([i IN range(0, size(names) - 1) WHERE names[i] = $from_step][0], size(names)) END AS first
WITH path_id, customer_id, outcome, ended_at_us, names, first,
     CASE WHEN $to_step IS NULL THEN size(names)
          ELSE [i IN range(first + 1, size(names) - 1) WHERE names[i] = $to_step][0] END AS last
WHERE first < size(names) AND last IS NOT NULL
WITH path_id, customer_id, outcome, ended_at_us,
     CASE WHEN $from_step IS NULL THEN ['(start)'] + names[0..last + 1] ELSE names[first..last + 1] END
     + CASE WHEN $to_step IS NULL THEN ['(end)'] ELSE [] END AS nodes
WITH path_id, customer_id, outcome, ended_at_us,
     CASE WHEN $from_step IS NULL AND $to_step IS NOT NULL AND size(nodes) > $levels + 1
          THEN nodes[size(nodes) - $levels - 1..] ELSE nodes[0..$levels + 1] END AS nodes
WITH path_id, customer_id, outcome, ended_at_us, nodes,
     CASE WHEN $from_step IS NULL AND $to_step IS NOT NULL THEN $levels + 1 - size(nodes) ELSE 0 END AS shift
UNWIND range(0, size(nodes) - 2) AS k
WITH path_id, customer_id, outcome, shift + k + 1 AS level, nodes[k] AS source, nodes[k + 1] AS target
WITH path_id, customer_id, outcome, level,
     CASE WHEN source IN $kept[level - 1] THEN source ELSE '(other)' END AS source,
     CASE WHEN target IN $kept[level] THEN target ELSE '(other)' END AS target
RETURN source, target, level, count(DISTINCT path_id) AS journeys, count(DISTINCT customer_id) AS customers,
       count(*) AS count, count(CASE WHEN target = '(end)' AND outcome = 'lost' THEN 1 END) AS drop_off
ORDER BY level, source, target
