// A customer's journeys as the system knew them at an instant
// Answers: every touchpoint that was stored by then and was the customer's by what was known of identities then, in order,
// with its journey and how that journey stood. Without product names, which are known as they are now only.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
//   $as_of  text: an ISO 8601 instant, e.g. '2026-01-31T12:00:00Z'
:params {customer_id: 'customer-1', as_of: '2026-01-31T12:00:00Z'};
MATCH (rules:Configuration {name: 'journeys'})
CALL () {
  MATCH (t:Touchpoint|SetAside)
  WHERE t.occurred_at_us IS NOT NULL AND t.ingested_at <= datetime($as_of)
  RETURN t.occurred_at_us AS data_end_us
  ORDER BY data_end_us DESC
  LIMIT 1
}
// Whoever was merged into the customer by then, and the customer; nobody where the customer was merged into another.
CALL () {
  WITH [$customer_id] + COLLECT {
    MATCH way = (member)-[:MERGED_INTO|WAS_MERGED_INTO*1..]->(:Customer|MergedCustomer {customer_id: $customer_id})
    WHERE all(m IN relationships(way) WHERE m.merged_at <= datetime($as_of) AND coalesce(m.undone_at > datetime($as_of), true))
    RETURN DISTINCT member.customer_id
  } AS members
  WHERE NOT EXISTS {
    MATCH (:Customer|MergedCustomer {customer_id: $customer_id})-[m:MERGED_INTO|WAS_MERGED_INTO]->()
    WHERE m.merged_at <= datetime($as_of) AND coalesce(m.undone_at > datetime($as_of), true)
  }
  RETURN members
}
CALL (members) {
  // What names one of them.
  UNWIND members AS member
  MATCH (:Customer|MergedCustomer {customer_id: member})-[:MERGED_INTO*0..]->(:Customer)-[:MADE]->(t:Touchpoint {known_customer_id: member})
  RETURN t
  UNION
  // What bears an anonymous id that led to them alone.
  UNWIND members AS member
  MATCH (:Customer|MergedCustomer {customer_id: member})<-[:IDENTIFIES]-(i:Identifier {kind: 'anonymous_id'})
  WITH DISTINCT members, i, COLLECT {
    MATCH (i)-[known:IDENTIFIES]->(owner:Customer|MergedCustomer {anonymous: false})
    WHERE known.ingested_at <= datetime($as_of)
    RETURN DISTINCT owner.customer_id
  } AS owners
  WHERE size(owners) > 0 AND all(owner IN owners WHERE owner IN members)
  MATCH (:Customer|MergedCustomer {customer_id: coalesce(i.leads_to, 'anonymous:' + i.value)})-[:MERGED_INTO*0..]->(:Customer)-[:MADE]->(t:Touchpoint)
  WHERE t.anonymous_id = i.value AND t.known_customer_id IS NULL
  RETURN t
  UNION
  // What bears a visitor's anonymous id, while that led to nobody or to several.
  UNWIND members AS member
  WITH member, substring(member, size('anonymous:')) AS anonymous_id
  WHERE member STARTS WITH 'anonymous:'
  OPTIONAL MATCH (i:Identifier {kind: 'anonymous_id', value: anonymous_id})
  WITH member, anonymous_id, i
  CALL (i) {
    OPTIONAL MATCH (i)-[known:IDENTIFIES]->(owner:Customer|MergedCustomer {anonymous: false})
    WHERE known.ingested_at <= datetime($as_of)
    OPTIONAL MATCH way = (owner)-[:MERGED_INTO|WAS_MERGED_INTO*1..]->(root)
    WHERE all(m IN relationships(way) WHERE m.merged_at <= datetime($as_of) AND coalesce(m.undone_at > datetime($as_of), true))
      AND NOT EXISTS { (root)-[m:MERGED_INTO|WAS_MERGED_INTO]->() WHERE m.merged_at <= datetime($as_of) AND coalesce(m.undone_at > datetime($as_of), true) }
    RETURN count(DISTINCT coalesce(root, owner)) AS people
  }
  WITH member, anonymous_id, i, people
  WHERE people <> 1
  MATCH (:Customer|MergedCustomer {customer_id: coalesce(i.leads_to, member)})-[:MERGED_INTO*0..]->(:Customer)-[:MADE]->(t:Touchpoint)
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
