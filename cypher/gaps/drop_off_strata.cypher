// What a drop-off is compared with: visits and losses by depth at the same stage
// Answers: for each depth, how often the step (or transition) was visited and how often journeys were lost there, and the
// same for all other visits to steps of its stage. The depth is the bucket's upper end, null above the last one.
// Parameters:
//   $steps           list of text: the step, or the two steps of the transition, e.g. ['view_product']
//   $same_stage      list of text: the steps at the stage of the (second) step, itself included, e.g. ['search', 'view_product']
//   $depths          list of integer: upper ends of the depth buckets, e.g. [1, 2, 3, 5, 10]
//   $known_until_us  integer: only visits before this instant (microseconds since 1970), e.g. 4102444800000000
:params {steps: ['view_product'], same_stage: ['search', 'view_product'], depths: [1, 2, 3, 5, 10], known_until_us: 4102444800000000};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
UNWIND range(0, size(journey.steps) - 1) AS k
WITH journey, k
WHERE journey.steps[k] IN $same_stage AND journey.occurred_at_us[k] < $known_until_us
WITH head([depth IN $depths WHERE depth > k]) AS depth,
     journey.steps[k] = last($steps)
       AND (size($steps) = 1 OR (k > 0 AND journey.steps[k - 1] = $steps[0])) AS subject,
     journey.outcome = 'lost' AND k = size(journey.steps) - 1 AS lost
RETURN depth, count(CASE WHEN subject THEN 1 END) AS trials, count(CASE WHEN subject AND lost THEN 1 END) AS events,
       count(CASE WHEN NOT subject THEN 1 END) AS reference_trials,
       count(CASE WHEN NOT subject AND lost THEN 1 END) AS reference_events
ORDER BY depth
