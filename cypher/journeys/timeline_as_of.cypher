// A customer's journeys as the system knew them at an instant
// Answers: every touchpoint that was stored by then and was the customer's by what was known of identities then, in order,
// with its journey and how that journey stood. Without product names, which are known as they are now only.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
//   $as_of  text: an ISO 8601 instant, e.g. '2026-01-31T12:00:00Z'
:params {customer_id: 'customer-1', as_of: '2026-01-31T12:00:00Z'};
MATCH (rules:Configuration {name: 'journeys'})
CALL () {
  MATCH (t:Touchpoint)
  WHERE t.occurred_at_us IS NOT NULL AND t.ingested_at <= datetime($as_of)
  RETURN t.occurred_at_us AS data_end_us
  ORDER BY data_end_us DESC
  LIMIT 1
}
CALL () {
  // What names the customer itself.
  MATCH (:Customer {customer_id: $customer_id})-[:MADE]->(t:Touchpoint {known_customer_id: $customer_id})
  RETURN t
  UNION
  // What bears an anonymous id that led to this customer alone.
  MATCH (:Customer {customer_id: $customer_id})<-[:IDENTIFIES]-(i:Identifier {kind: 'anonymous_id'})
  WHERE COLLECT {
    MATCH (i)-[known:IDENTIFIES]->(owner:Customer {anonymous: false})
    WHERE known.ingested_at <= datetime($as_of)
    RETURN DISTINCT owner.customer_id
  } = [$customer_id]
  MATCH (:Customer {customer_id: coalesce(i.leads_to, 'anonymous:' + i.value)})-[:MADE]->(t:Touchpoint)
  WHERE t.anonymous_id = i.value AND t.known_customer_id IS NULL
  RETURN t
  UNION
  // What bears the visitor's anonymous id, while that led to nobody or to several.
  WITH substring($customer_id, size('anonymous:')) AS anonymous_id
  WHERE $customer_id STARTS WITH 'anonymous:'
  OPTIONAL MATCH (i:Identifier {kind: 'anonymous_id', value: anonymous_id})
  WITH anonymous_id, i
  WHERE COUNT {
    MATCH (i)-[known:IDENTIFIES]->(owner:Customer {anonymous: false})
    WHERE known.ingested_at <= datetime($as_of)
    RETURN DISTINCT owner
  } <> 1
  MATCH (:Customer {customer_id: coalesce(i.leads_to, $customer_id)})-[:MADE]->(t:Touchpoint)
  WHERE t.anonymous_id = anonymous_id AND t.known_customer_id IS NULL
  RETURN t
}
WITH rules, data_end_us, t
WHERE t.ingested_at <= datetime($as_of)
WITH rules, data_end_us, t
ORDER BY t.occurred_at_us, t.touchpoint_id
WITH rules, data_end_us, collect(t) AS ts
WITH rules, data_end_us, ts,
     [k IN range(0, size(ts) - 1)
      WHERE k = 0 OR ts[k - 1].step IN rules.goals
         OR ts[k].occurred_at_us - ts[k - 1].occurred_at_us > rules.journey_window_us] + [size(ts)] AS bounds
UNWIND range(0, size(bounds) - 2) AS b
WITH ts[bounds[b]..bounds[b + 1]] AS ts, last(ts[bounds[b]..bounds[b + 1]]) AS final, rules, data_end_us
WITH ts, 'j:' + ts[0].touchpoint_id AS journey_id,
     CASE WHEN final.step IN rules.goals THEN 'converted'
          WHEN data_end_us - final.occurred_at_us > rules.journey_window_us THEN 'lost'
          ELSE 'open' END AS outcome
UNWIND range(0, size(ts) - 1) AS position
WITH journey_id, outcome, position, ts[position] AS t
OPTIONAL MATCH (t)-[:ABOUT]->(product:Product)
OPTIONAL MATCH (t)-[:CAME_FROM]->(campaign:Campaign)
RETURN journey_id, outcome, position,
       t.touchpoint_id AS touchpoint_id, t.step AS step, t.channel AS channel, t.stage AS stage,
       t.occurred_at AS occurred_at, t.source AS source, t.source_session_id AS session_id, t.value AS value,
       t.currency AS currency, product.product_id AS product_id, null AS product_name,
       campaign.name AS campaign, t.anonymous_id AS anonymous_id, properties(t) AS properties
ORDER BY t.occurred_at_us, t.touchpoint_id
