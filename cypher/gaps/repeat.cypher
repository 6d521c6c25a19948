// Journeys that raise the same matter again in another channel
// Answers: how many journeys made the step, and after how many of them (the journey's first time counts) the customer made it again
// within the time in another channel, in the same journey or a later one.
// Parameters:
//   $steps           list of text: the step, e.g. ['complaint']
//   $within_us       integer: how soon, in microseconds, e.g. 604800000000
//   $known_until_us  integer: only first contacts before this instant (microseconds since 1970): that time before the end of the data, e.g. 4102444800000000
//   $examples        integer: how many journey ids to return, e.g. 5
:params {steps: ['complaint'], within_us: 604800000000, known_until_us: 4102444800000000, examples: 5};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WHERE $steps[0] IN journey.steps
WITH journey.customer_id AS customer_id, collect(journey) AS journeys
WITH journeys,
     reduce(all = [], journey IN journeys | all +
            [k IN range(0, size(journey.steps) - 1) WHERE journey.steps[k] = $steps[0] |
             {at: journey.occurred_at_us[k], channel: journey.channels[k]}]) AS contacts
UNWIND journeys AS journey
WITH journey, contacts, head([k IN range(0, size(journey.steps) - 1) WHERE journey.steps[k] = $steps[0]]) AS k
WHERE journey.occurred_at_us[k] < $known_until_us
WITH journey,
     any(again IN contacts
         WHERE again.channel <> journey.channels[k] AND again.at > journey.occurred_at_us[k]
           AND again.at - journey.occurred_at_us[k] <= $within_us) AS affected
ORDER BY last(journey.occurred_at_us) DESC, journey.journey_id
WITH collect(CASE WHEN affected THEN journey.journey_id END) AS again,
     count(CASE WHEN affected THEN 1 END) AS affected, count(journey) AS denominator,
     count(DISTINCT CASE WHEN affected THEN journey.customer_id END) AS affected_customers,
     count(DISTINCT journey.customer_id) AS denominator_customers,
     count(CASE WHEN NOT affected THEN 1 END) AS resolved
RETURN affected, denominator, affected_customers, denominator_customers, {resolved: resolved} AS counts,
       again[..$examples] AS examples
