// The step graph, rarer steps together
// Answers: how often each step came directly after each, in how many journeys and of how many customers; steps that are not
// among $kept are '(other)'. Every journey begins with '(start)' and finishes with '(end)'.
// Parameters:
//   $kept  list of text: the steps shown by name, e.g. ['view_product', 'cart', 'purchase']
:params {kept: ['view_product', 'cart', 'purchase']};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WITH journey.journey_id AS journey_id, journey.customer_id AS customer_id,
     ['(start)'] + [step IN journey.steps | CASE WHEN step IN $kept THEN step ELSE '(other)' END] + ['(end)'] AS names
UNWIND range(0, size(names) - 2) AS i
RETURN names[i] AS source, names[i + 1] AS target, count(*) AS count, count(DISTINCT journey_id) AS journeys,
       count(DISTINCT customer_id) AS customers
ORDER BY source, target
