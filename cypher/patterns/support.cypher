// Support of a sequential pattern, and what became of the journeys that hold it
// Answers: how many journeys there are (sequences), how many hold the pattern in the part before the outcome (support), how
// many of all have an outcome that is known (decided) and reached it (reached), and the same two among those that hold it
// (decided_with, reached_with). Open journeys are undecided unless they have reached the outcome already.
// Parameters:
//   $pattern  list of text: the steps in order, e.g. ['view_product', 'cart']
//   $max_gap  integer or null: how many touchpoints may lie between two of them; null for any number
//   $outcome  text: 'converted', 'lost', or a step's name
//   $is_step  boolean: true where $outcome is a step's name
:params {pattern: ['view_product', 'cart'], max_gap: null, outcome: 'converted', is_step: false};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WITH journey, CASE WHEN $is_step THEN $outcome IN journey.steps ELSE journey.outcome = $outcome END AS reached
WITH reached, reached OR journey.outcome <> 'open' AS decided,
     CASE WHEN $is_step AND reached
            THEN journey.steps[0..[i IN range(0, size(journey.steps) - 1) WHERE journey.steps[i] = $outcome][0]]
          WHEN NOT $is_step AND journey.outcome = 'converted' THEN journey.steps[0..size(journey.steps) - 1]
          ELSE journey.steps END AS steps
// ends[k] is the last touchpoint so far at which the pattern's first k + 1 steps are done; -1 for none
WITH reached, decided,
     last(reduce(ends = [step IN $pattern | -1], i IN range(0, size(steps) - 1) |
       [k IN range(0, size($pattern) - 1) |
         CASE WHEN steps[i] = $pattern[k]
                   AND (k = 0 OR ends[k - 1] >= 0 AND i - ends[k - 1] - 1 <= coalesce($max_gap, i)) THEN i
              ELSE ends[k] END])) >= 0 AS holds
RETURN count(*) AS sequences, count(CASE WHEN holds THEN 1 END) AS support,
       count(CASE WHEN decided THEN 1 END) AS decided, count(CASE WHEN reached THEN 1 END) AS reached,
       count(CASE WHEN decided AND holds THEN 1 END) AS decided_with,
       count(CASE WHEN reached AND holds THEN 1 END) AS reached_with
