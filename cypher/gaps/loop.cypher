// Journeys that go round a cycle of steps
// Answers: how many journeys go round (a, b, a for two steps), from any of the steps on, among those that hold every step
// and one of them twice; and how many of them that are closed were lost.
// Parameters:
//   $steps     list of text: the steps of the cycle, each once, e.g. ['cart', 'choose_delivery']
//   $ways      list of lists: the cycle begun at each of its steps and closed, e.g. [['cart', 'choose_delivery', 'cart'], ['choose_delivery', 'cart', 'choose_delivery']]
//   $examples  integer: how many journey ids to return, e.g. 5
:params {steps: ['cart', 'choose_delivery'], ways: [['cart', 'choose_delivery', 'cart'], ['choose_delivery', 'cart', 'choose_delivery']], examples: 5};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WHERE all(step IN $steps WHERE step IN journey.steps)
  AND size([step IN journey.steps WHERE step IN $steps]) > size($steps)
WITH journey, any(k IN range(0, size(journey.steps) - size($steps) - 1)
                  WHERE journey.steps[k..k + size($steps) + 1] IN $ways) AS affected
ORDER BY last(journey.occurred_at_us) DESC, journey.journey_id
WITH collect(CASE WHEN affected THEN journey.journey_id END) AS round,
     count(CASE WHEN affected THEN 1 END) AS affected, count(journey) AS denominator,
     count(DISTINCT CASE WHEN affected THEN journey.customer_id END) AS affected_customers,
     count(DISTINCT journey.customer_id) AS denominator_customers,
     count(CASE WHEN affected AND journey.outcome = 'lost' THEN 1 END) AS lost,
     count(CASE WHEN affected AND journey.outcome <> 'open' THEN 1 END) AS closed
RETURN affected, denominator, affected_customers, denominator_customers,
       {lost: lost, closed: closed} AS counts, round[..$examples] AS examples
