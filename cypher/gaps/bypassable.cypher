// Journeys that passed a touchpoint between two other steps
// Answers: how many closed journeys went from one step through this one to another (the first time counts), and how many of them
// were lost in the end.
// Parameters:
//   $steps           list of text: the touchpoint, e.g. ['ask_in_store']
//   $goals           list of text: the steps that end a conversion; a way to them is none, e.g. ['purchase']
//   $known_until_us  integer: only ways that ended before this instant (microseconds since 1970): a journey window before the end of the data, e.g. 4102444800000000
//   $examples        integer: how many journey ids to return, e.g. 5
:params {steps: ['ask_in_store'], goals: ['purchase'], known_until_us: 4102444800000000, examples: 5};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WHERE $steps[0] IN journey.steps AND journey.outcome <> 'open' AND size(journey.steps) > 2
WITH journey, head([k IN range(2, size(journey.steps) - 1)
                    WHERE journey.steps[k - 1] = $steps[0] AND journey.steps[k - 2] <> $steps[0]
                      AND journey.steps[k] <> $steps[0] AND journey.steps[k] <> journey.steps[k - 2]
                      AND journey.occurred_at_us[k] < $known_until_us AND NOT journey.steps[k] IN $goals]) AS k
WHERE k IS NOT NULL
WITH journey, journey.outcome = 'lost' AS affected
ORDER BY last(journey.occurred_at_us) DESC, journey.journey_id
WITH collect(CASE WHEN affected THEN journey.journey_id END) AS lost,
     count(CASE WHEN affected THEN 1 END) AS affected, count(journey) AS denominator,
     count(DISTINCT CASE WHEN affected THEN journey.customer_id END) AS affected_customers,
     count(DISTINCT journey.customer_id) AS denominator_customers
RETURN affected, denominator, affected_customers, denominator_customers,
       {converted: denominator - affected} AS counts, lost[..$examples] AS examples
