// Drop-off, path by path: who stops after a step of a path view
// Answers: the paths (journeys; sessions or customers where $per says so) that stop right after $step at $level of the
// view with these parameters, with their customer, outcome and last instant (microseconds since 1970, UTC). Those lost are
// the drop-off; open ones may still go on, converted ones have arrived.
// Parameters:
//   $per  text: what a path is, 'journey', 'session' or 'customer' (all of a customer's journeys in a row)
//   $from_step  text or null: the view begins at its first occurrence; paths without it are left out
//   $to_step  text or null: the view ends at its first occurrence (after $from_step); paths without it are left out
//   $levels  integer: how many transitions the view shows, e.g. 3
//   $kept  list of lists of text: for each level 0 to $levels the steps shown by name; the others are '(other)'
//   $step  text: where they stop, e.g. 'view_product', or '(other)' for all steps not kept at that level
//   $level  integer: the level of the view at which the step stands, e.g. 0
:params {per: 'journey', from_step: 'view_product', to_step: null, levels: 1, kept: [['view_product'], ['cart', '(end)']], step: 'view_product', level: 0};
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
WHERE nodes[$level + 1] = '(end)' AND shift = 0
  AND CASE WHEN nodes[$level] IN $kept[$level] THEN nodes[$level] ELSE '(other)' END = $step
RETURN path_id, customer_id, outcome, ended_at_us
ORDER BY customer_id, ended_at_us, path_id
