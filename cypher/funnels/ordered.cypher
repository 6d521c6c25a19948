// Funnel: steps in order
// Answers: how many paths (customers; journeys or sessions where $per says so) come how far along the steps, and the
// median and 90th percentile of the seconds from the step before, in each path's best chain: the one that comes
// furthest, of these the one that gets there first, of these the one that started last.
// Parameters:
//   $per  text: what a path is, 'journey', 'session' or 'customer' (all of a customer's journeys in a row)
//   $steps  list of lists of text: the funnel's steps in order, each with its alternatives, e.g. [['view_product'], ['cart']]
//   $window_us  integer: microseconds from the first step to the last at most, e.g. 1209600000000; null for no limit
//   $exclude  list of text: a step that ends the attempt under way, e.g. ['ask_for_help']
//   $grouped  boolean: true for a funnel for each group of a selection (see the answer's $group_by); else group is null
//   $strict  boolean: true where a step must be the very next touchpoint, false where anything may lie between
:params {per: 'customer', steps: [['view_product'], ['cart']], window_us: 1209600000000, exclude: [], grouped: false, strict: false};
// journeys {
MATCH (j:Journey|Session)
WHERE j:Session = ($per = 'session')
WITH j {journey_id: coalesce(j.session_id, j.journey_id), .customer_id, .outcome, .value, .steps, .channels,
        .occurred_at_us} AS journey
// } journeys
WITH journey, CASE $per WHEN 'customer' THEN journey.customer_id ELSE journey.journey_id END AS path_id
ORDER BY journey.customer_id, journey.occurred_at_us[0], journey.journey_id
WITH path_id, journey.customer_id AS customer_id, collect(journey) AS parts
WITH CASE WHEN $grouped THEN head([part IN parts WHERE part.group IS NOT NULL | part.group]) END AS group,
     CASE size(parts) WHEN 1 THEN parts[0].steps
                      ELSE reduce(all = [], part IN parts | all + part.steps) END AS names,
     CASE size(parts) WHEN 1 THEN parts[0].occurred_at_us
                      ELSE reduce(all = [], part IN parts | all + part.occurred_at_us) END AS times
WITH group, names, times,
     [i IN range(0, size(names) - 1)
      WHERE $strict OR names[i] IN $exclude OR any(step IN $steps WHERE names[i] IN step)] AS events
// chains[k] holds the positions of the chain that is at step k and started last; the list's end holds the best so far
WITH group, times, last(reduce(chains = [k IN range(0, size($steps)) | []], i IN events |
       CASE WHEN names[i] IN $exclude THEN [k IN range(0, size($steps) - 1) | []] + [last(chains)]
            ELSE [now IN [[k IN range(0, size($steps) - 1) |
                    CASE WHEN names[i] IN $steps[k] AND k = 0 THEN [i]
                         WHEN names[i] IN $steps[k] AND size(chains[k - 1]) > 0
                              AND ($window_us IS NULL OR times[i] - times[chains[k - 1][0]] <= $window_us)
                           THEN chains[k - 1] + [i]
                         WHEN $strict THEN []
                         ELSE chains[k] END]] |
                  now + [reduce(best = last(chains), chain IN now |
                           CASE WHEN size(chain) > size(best) THEN chain ELSE best END)]][0]
       END)) AS chain
WITH group, [i IN chain | times[i]] AS chain
UNWIND range(0, size($steps) - 1) AS k
WITH group, k, count(CASE WHEN size(chain) > k THEN 1 END) AS count,
     percentileCont(CASE WHEN 0 < k AND k < size(chain) THEN (chain[k] - chain[k - 1]) / 1000000.0 END, 0.5) AS median,
     percentileCont(CASE WHEN 0 < k AND k < size(chain) THEN (chain[k] - chain[k - 1]) / 1000000.0 END, 0.9) AS p90
ORDER BY group, k
WITH group, collect({count: count, median: median, p90: p90}) AS rows
UNWIND range(0, size(rows) - 1) AS k
RETURN group, reduce(text = head($steps[k]), other IN tail($steps[k]) | text + '|' + other) AS step,
       rows[k].count AS count,
       CASE WHEN rows[0].count > 0 THEN toFloat(rows[k].count) / rows[0].count END AS conversion,
       CASE WHEN k > 0 AND rows[k - 1].count > 0 THEN toFloat(rows[k].count) / rows[k - 1].count END AS from_previous,
       rows[k].median AS median_seconds, rows[k].p90 AS p90_seconds
ORDER BY group, k
