// Conversions that passed one step after another
// Answers: of the journeys that visited the first step and converted, how many passed the second one after it: where that is
// all of them, the second step is the only way. `visited` counts the closed journeys that visited the first step.
// Parameters:
//   $steps     list of text: the step, and the step that all its ways lead through, e.g. ['financing_form', 'credit_check']
//   $examples  integer: how many journey ids to return, e.g. 5
:params {steps: ['financing_form', 'credit_check'], examples: 5};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WHERE $steps[0] IN journey.steps AND journey.outcome <> 'open'
WITH journey, journey.outcome = 'converted' AS converted,
     head([k IN range(0, size(journey.steps) - 1) WHERE journey.steps[k] = $steps[0]]) AS first
WITH journey, converted, converted AND $steps[1] IN journey.steps[first + 1..] AS affected
ORDER BY last(journey.occurred_at_us) DESC, journey.journey_id
WITH collect(CASE WHEN affected THEN journey.journey_id END) AS passed,
     count(CASE WHEN affected THEN 1 END) AS affected, count(CASE WHEN converted THEN 1 END) AS denominator,
     count(DISTINCT CASE WHEN affected THEN journey.customer_id END) AS affected_customers,
     count(DISTINCT CASE WHEN converted THEN journey.customer_id END) AS denominator_customers,
     count(journey) AS visited
RETURN affected, denominator, affected_customers, denominator_customers,
       {visited: visited} AS counts, passed[..$examples] AS examples
