// A customer at a glance
// Answers: whether the customer is known or an anonymous visitor, first and last touchpoint, how many touchpoints by
// channel, how many journeys by outcome, and the value of the conversions by currency.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
:params {customer_id: 'customer-1'};
MATCH (c:Customer {customer_id: $customer_id})
CALL (c) {
  MATCH (c)-[:MADE]->(t:Touchpoint)
  WITH t.channel AS channel, count(*) AS count, min(t.occurred_at) AS first, max(t.occurred_at) AS last
  ORDER BY channel
  RETURN min(first) AS first_seen, max(last) AS last_seen, sum(count) AS touchpoints,
         collect({channel: channel, touchpoints: count}) AS channels
}
CALL (c) {
  MATCH (c)-[:HAD]->(j:Journey)
  RETURN count(j) AS journeys, count(CASE j.outcome WHEN 'converted' THEN 1 END) AS converted,
         count(CASE j.outcome WHEN 'lost' THEN 1 END) AS lost, count(CASE j.outcome WHEN 'open' THEN 1 END) AS open
}
CALL (c) {
  MATCH (c)-[:HAD]->(j:Journey)
  WHERE j.value IS NOT NULL
  WITH j.currency AS currency, sum(j.value) AS value
  ORDER BY currency
  RETURN collect({currency: currency, value: value}) AS values
}
RETURN c.customer_id AS customer_id, c.anonymous AS anonymous, first_seen, last_seen, touchpoints, channels,
       journeys, converted, lost, open, values
