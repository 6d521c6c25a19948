// Waits: the time from one step to another
// Answers: how often $target came after $source (directly; or, where $eventually, the first $target after the first $source
// of a path, whatever lay between), in how many paths and of how many customers; quantiles of the seconds between, and how
// many of the waits lie between each two of the edges (the lower one inclusive, the last without an upper one).
// Parameters:
//   $per  text: what a path is, 'journey', 'session' or 'customer' (all of a customer's journeys in a row)
//   $source  text: the earlier step, e.g. 'view_product'
//   $target  text: the later step, e.g. 'cart'
//   $eventually  boolean: false for the next touchpoint only
//   $edges  list of numbers: seconds at which the classes begin, from 0
:params {per: 'journey', source: 'view_product', target: 'cart', eventually: false, edges: [0, 60, 3600, 86400]};
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
     CASE size(parts) WHEN 1 THEN parts[0].occurred_at_us
                      ELSE reduce(all = [], part IN parts | all + part.occurred_at_us) END AS times
WITH path_id, customer_id, names, times, [i IN range(0, size(names) - 1) WHERE names[i] = $source] AS sources
WITH path_id, customer_id, times,
     CASE WHEN $eventually
            THEN [i IN sources[0..1] | [i, head([n IN range(i + 1, size(names) - 1) WHERE names[n] = $target])]]
          ELSE [i IN sources WHERE names[i + 1] = $target | [i, i + 1]] END AS pairs
UNWIND [pair IN pairs WHERE pair[1] IS NOT NULL] AS pair
WITH path_id, customer_id, (times[pair[1]] - times[pair[0]]) / 1000000.0 AS seconds
WITH count(*) AS count, count(DISTINCT path_id) AS journeys, count(DISTINCT customer_id) AS customers,
     collect(seconds) AS waits,
     percentileCont(seconds, 0.1) AS p10_seconds, percentileCont(seconds, 0.25) AS p25_seconds,
     percentileCont(seconds, 0.5) AS median_seconds, percentileCont(seconds, 0.75) AS p75_seconds,
     percentileCont(seconds, 0.9) AS p90_seconds, percentileCont(seconds, 0.99) AS p99_seconds
RETURN count, journeys, customers, p10_seconds, p25_seconds, median_seconds, p75_seconds, p90_seconds, p99_seconds,
       [k IN range(0, size($edges) - 1) |
         size([w IN waits WHERE $edges[k] <= w AND (k = size($edges) - 1 OR w < $edges[k + 1])])] AS counts
