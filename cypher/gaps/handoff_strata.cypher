// What a handoff is compared with: staying in the channel after the same step
// Answers: for each step before, stage arrived at and depth: how many touchpoints after it were in the other channel and how
// many journeys were lost there, and the same for those in the channel before. The depth is the bucket's upper end, null
// above the last one.
// Parameters:
//   $steps           list of text: the step before the move, or none for every step, e.g. ['checkout']
//   $from_channel    text: the channel that is left, e.g. 'app'
//   $to_channel      text: the channel that is entered, e.g. 'web'
//   $goals           list of text: the steps that end a conversion; an arrival there is none, e.g. ['purchase']
//   $stages          map: the stage of each step, e.g. {checkout: 'purchase', payment: 'purchase'}
//   $depths          list of integer: upper ends of the depth buckets, e.g. [1, 2, 3, 5, 10]
//   $known_until_us  integer: only arrivals before this instant (microseconds since 1970), e.g. 4102444800000000
:params {steps: ['checkout'], from_channel: 'app', to_channel: 'web', goals: ['purchase'], stages: {checkout: 'purchase', payment: 'purchase'}, depths: [1, 2, 3, 5, 10], known_until_us: 4102444800000000};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WHERE $from_channel IN journey.channels AND size(journey.steps) > 1
UNWIND range(1, size(journey.steps) - 1) AS k
WITH journey, k, journey.steps[k - 1] AS step, journey.channels[k] = $to_channel AS moved
WHERE journey.channels[k - 1] = $from_channel AND journey.channels[k] IN [$from_channel, $to_channel]
  AND journey.occurred_at_us[k] < $known_until_us AND NOT journey.steps[k] IN $goals
  AND (size($steps) = 0 OR step = $steps[0])
WITH step, $stages[journey.steps[k]] AS stage, head([depth IN $depths WHERE depth > k]) AS depth, moved,
     journey.outcome = 'lost' AND k = size(journey.steps) - 1 AS lost
RETURN step, stage, depth, count(CASE WHEN moved THEN 1 END) AS trials,
       count(CASE WHEN moved AND lost THEN 1 END) AS events,
       count(CASE WHEN NOT moved THEN 1 END) AS reference_trials,
       count(CASE WHEN NOT moved AND lost THEN 1 END) AS reference_events
ORDER BY step, stage, depth
