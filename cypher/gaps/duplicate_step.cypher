// Journeys that visited one of two steps for one purpose
// Answers: how many journeys visited either of the two steps early enough to know what became of them, how many of them
// the rarer one; how many visited each, and how many of those are converted.
// Parameters:
//   $steps           list of text: the two steps, e.g. ['campaign_page', 'offer_page']
//   $rarer           text: the one that fewer journeys visited, e.g. 'offer_page'
//   $known_until_us  integer: only visits before this instant (microseconds since 1970): a journey window before the end of the data, e.g. 4102444800000000
//   $examples        integer: how many journey ids to return, e.g. 5
:params {steps: ['campaign_page', 'offer_page'], rarer: 'offer_page', known_until_us: 4102444800000000, examples: 5};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WHERE any(step IN journey.steps WHERE step IN $steps)
WITH journey, [k IN range(0, size(journey.steps) - 1) WHERE journey.occurred_at_us[k] < $known_until_us |
               journey.steps[k]] AS visited
WITH journey, $steps[0] IN visited AS first, $steps[1] IN visited AS second, $rarer IN visited AS affected,
     journey.outcome = 'converted' AS converted
WHERE first OR second
WITH journey, first, second, affected, converted
ORDER BY last(journey.occurred_at_us) DESC, journey.journey_id
WITH collect(CASE WHEN affected THEN journey.journey_id END) AS used,
     count(CASE WHEN affected THEN 1 END) AS affected, count(journey) AS denominator,
     count(DISTINCT CASE WHEN affected THEN journey.customer_id END) AS affected_customers,
     count(DISTINCT journey.customer_id) AS denominator_customers,
     count(CASE WHEN first THEN 1 END) AS first, count(CASE WHEN second THEN 1 END) AS second,
     count(CASE WHEN first AND converted THEN 1 END) AS first_converted,
     count(CASE WHEN second AND converted THEN 1 END) AS second_converted
RETURN affected, denominator, affected_customers, denominator_customers,
       {first: first, second: second, first_converted: first_converted, second_converted: second_converted} AS counts,
       used[..$examples] AS examples
