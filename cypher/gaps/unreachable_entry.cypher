// Closed journeys that visited a step, and how many of them began at an entry
// Answers: for a step to which no path leads from an entry: the journeys that were there, all of them affected.
// Parameters:
//   $steps     list of text: the step, e.g. ['legacy_form']
//   $entries   list of text: the steps that journeys usually begin with, e.g. ['visit_home']
//   $examples  integer: how many journey ids to return, e.g. 5
:params {steps: ['legacy_form'], entries: ['visit_home'], examples: 5};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WHERE $steps[0] IN journey.steps AND journey.outcome <> 'open'
WITH journey
ORDER BY last(journey.occurred_at_us) DESC, journey.journey_id
WITH collect(journey.journey_id) AS visited, count(journey) AS denominator,
     count(DISTINCT journey.customer_id) AS customers,
     count(CASE WHEN journey.steps[0] IN $entries THEN 1 END) AS from_entry
RETURN denominator AS affected, denominator, customers AS affected_customers, customers AS denominator_customers,
       {from_entry: from_entry} AS counts, visited[..$examples] AS examples
