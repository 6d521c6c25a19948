// Who stops in a funnel, and what they do instead: steps in order
// Answers: the paths (customers; journeys or sessions where $per says so) that came as far as one of the steps and no
// further, with their customer, outcome, how many of the steps they have (reached) and what came directly after the last
// of these, '(end)' where nothing did. Each path's best chain counts, as in the funnel.
// Parameters:
//   $per  text: what a path is, 'journey', 'session' or 'customer' (all of a customer's journeys in a row)
//   $steps  list of lists of text: the funnel's steps, each with its alternatives, e.g. [['view_product'], ['cart']]
//   $window_us  integer: microseconds from the first step to the last at most, e.g. 1209600000000; null for no limit
//   $exclude  list of text: a step that ends the attempt under way, e.g. ['ask_for_help']
//   $strict  boolean: true where a step must be the very next touchpoint, false where anything may lie between
//   $reached  integer or null: only those with so many of the steps, e.g. 1
//   $next_step  text or null: only those who did this instead, e.g. '(end)'
:params {per: 'customer', steps: [['view_product'], ['cart']], window_us: 1209600000000, exclude: [], strict: false, reached: 1, next_step: null};
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
     CASE WHEN any(part IN parts WHERE part.outcome = 'converted') THEN 'converted'
          ELSE coalesce(last(parts).outcome, 'open') END AS outcome,
     CASE size(parts) WHEN 1 THEN parts[0].steps
                      ELSE reduce(all = [], part IN parts | all + part.steps) END AS names,
     CASE size(parts) WHEN 1 THEN parts[0].occurred_at_us
                      ELSE reduce(all = [], part IN parts | all + part.occurred_at_us) END AS times
WITH path_id, customer_id, outcome, names, times,
     [i IN range(0, size(names) - 1)
      WHERE $strict OR names[i] IN $exclude OR any(step IN $steps WHERE names[i] IN step)] AS events
// chains[k] holds the positions of the chain that is at step k and started last; the list's end holds the best so far
WITH path_id, customer_id, outcome, names, last(reduce(chains = [k IN range(0, size($steps)) | []], i IN events |
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
WHERE 0 < size(chain) < size($steps) AND ($reached IS NULL OR size(chain) = $reached)
WITH path_id, customer_id, outcome, size(chain) AS reached, coalesce(names[last(chain) + 1], '(end)') AS next_step
WHERE $next_step IS NULL OR next_step = $next_step
RETURN path_id, customer_id, outcome, reached, next_step
ORDER BY customer_id, path_id
