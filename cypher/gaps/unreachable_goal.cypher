// Closed journeys that visited a step, and how many of them converted
// Answers: for a step from which no path leads to a goal: the journeys that got there, all of them affected.
// Parameters:
//   $steps     list of text: the step, e.g. ['legacy_form']
//   $examples  integer: how many journey ids to return, e.g. 5
:params {steps: ['legacy_form'], examples: 5};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WHERE $steps[0] IN journey.steps AND journey.outcome <> 'open'
WITH journey
ORDER BY last(journey.occurred_at_us) DESC, journey.journey_id
WITH collect(journey.journey_id) AS visited, count(journey) AS denominator,
     count(DISTINCT journey.customer_id) AS customers,
     count(CASE journey.outcome WHEN 'converted' THEN 1 END) AS converted
RETURN denominator AS affected, denominator, customers AS affected_customers, customers AS denominator_customers,
       {converted: converted} AS counts, visited[..$examples] AS examples
