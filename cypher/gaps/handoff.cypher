// Journeys lost on moving from one channel to another
// Answers: how many journeys moved (after one step, where one is given) early enough to know what became of them, how many of
// them were lost right on arrival, how often they moved, and how many went on and converted.
// Parameters:
//   $steps           list of text: the step before the move, or none for every step, e.g. ['checkout']
//   $from_channel    text: the channel that is left, e.g. 'app'
//   $to_channel      text: the channel that is entered, e.g. 'web'
//   $goals           list of text: the steps that end a conversion; an arrival there is none, e.g. ['purchase']
//   $known_until_us  integer: only moves before this instant (microseconds since 1970): a journey window before the end of the data, e.g. 4102444800000000
//   $examples        integer: how many journey ids to return, e.g. 5
:params {steps: ['checkout'], from_channel: 'app', to_channel: 'web', goals: ['purchase'], known_until_us: 4102444800000000, examples: 5};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WHERE $from_channel IN journey.channels AND $to_channel IN journey.channels
WITH journey,
     [k IN range(1, size(journey.steps) - 1)
      WHERE journey.channels[k - 1] = $from_channel AND journey.channels[k] = $to_channel
        AND journey.occurred_at_us[k] < $known_until_us AND NOT journey.steps[k] IN $goals
        AND (size($steps) = 0 OR journey.steps[k - 1] = $steps[0])] AS moves
WHERE size(moves) > 0
WITH journey, size(moves) AS moves, journey.outcome = 'lost' AND last(moves) = size(journey.steps) - 1 AS affected
ORDER BY last(journey.occurred_at_us) DESC, journey.journey_id
WITH collect(CASE WHEN affected THEN journey.journey_id END) AS lost,
     count(CASE WHEN affected THEN 1 END) AS affected, count(journey) AS denominator,
     count(DISTINCT CASE WHEN affected THEN journey.customer_id END) AS affected_customers,
     count(DISTINCT journey.customer_id) AS denominator_customers, sum(moves) AS moves,
     count(CASE WHEN NOT affected AND journey.outcome <> 'open' THEN 1 END) AS went_on,
     count(CASE WHEN journey.outcome = 'converted' THEN 1 END) AS converted
RETURN affected, denominator, affected_customers, denominator_customers,
       {moves: moves, went_on: went_on, converted: converted} AS counts, lost[..$examples] AS examples
