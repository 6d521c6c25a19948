// Journeys as they were known at an instant (a part that takes the place of the stored journeys)
// journeys as of $as_of {
MATCH (rules:Configuration {name: 'journeys'})
CALL () {
  RETURN EXISTS { (:Withheld) } AS consents  // touchpoints of whoever withdrew consent to analytics end no data
}
CALL (consents) {
  MATCH (t:Touchpoint|SetAside)
  WHERE t.ingested_at <= datetime($as_of) AND (NOT consents OR NOT EXISTS { (t)<-[:MADE]-(:Withheld) })
  RETURN max(t.occurred_at_us) AS data_end_us
}
MATCH (t:Touchpoint)
WHERE t.ingested_at <= datetime($as_of)
// Whose touchpoints were is decided once for all that name the same customer, or bear the same visitor's id.
WITH rules, data_end_us, t.known_customer_id AS named,
     CASE WHEN t.known_customer_id IS NULL THEN t.anonymous_id END AS visitor, collect(t) AS own
CALL (named, visitor) {
  OPTIONAL MATCH (:Identifier {kind: 'anonymous_id', value: visitor})-[r:IDENTIFIES]->(known:Customer|MergedCustomer {anonymous: false})
  WHERE r.ingested_at <= datetime($as_of)
  WITH named, visitor, CASE WHEN named IS NULL THEN collect(DISTINCT known.customer_id) ELSE [named] END AS owners
  // Customers count as they were merged then.
  CALL (owners) {
    UNWIND owners AS owner
    OPTIONAL MATCH way = (:Customer|MergedCustomer {customer_id: owner})-[:MERGED_INTO|WAS_MERGED_INTO*1..]->(root)
    WHERE all(m IN relationships(way) WHERE m.merged_at <= datetime($as_of) AND coalesce(m.undone_at > datetime($as_of), true))
      AND NOT EXISTS { (root)-[m:MERGED_INTO|WAS_MERGED_INTO]->() WHERE m.merged_at <= datetime($as_of) AND coalesce(m.undone_at > datetime($as_of), true) }
    RETURN collect(DISTINCT coalesce(root.customer_id, owner)) AS people
  }
  WITH CASE WHEN size(people) = 1 THEN people[0] ELSE 'anonymous:' + visitor END AS person
  OPTIONAL MATCH way = (:Customer|MergedCustomer {customer_id: person})-[:MERGED_INTO|WAS_MERGED_INTO*1..]->(root)
  WHERE all(m IN relationships(way) WHERE m.merged_at <= datetime($as_of) AND coalesce(m.undone_at > datetime($as_of), true))
    AND NOT EXISTS { (root)-[m:MERGED_INTO|WAS_MERGED_INTO]->() WHERE m.merged_at <= datetime($as_of) AND coalesce(m.undone_at > datetime($as_of), true) }
  RETURN coalesce(root.customer_id, person) AS customer_id
}
UNWIND own AS t
WITH rules, data_end_us, t, customer_id
ORDER BY customer_id, t.occurred_at_us, t.touchpoint_id
WITH rules, data_end_us, customer_id, collect(t) AS ts
// Consent to analytics is what stands now, whatever the instant.
WHERE NOT EXISTS { (:Withheld) }
   OR NOT EXISTS { (:Customer|MergedCustomer {customer_id: customer_id})-[:MERGED_INTO*0..]->(:Withheld) }
WITH rules, data_end_us, customer_id, ts,
     [k IN range(0, size(ts) - 1)
      WHERE k = 0 OR ts[k - 1].step IN rules.goals
         OR ts[k].occurred_at_us - ts[k - 1].occurred_at_us > rules.journey_window_us] + [size(ts)] AS bounds
UNWIND range(0, size(bounds) - 2) AS b
WITH rules, data_end_us, customer_id, ts[bounds[b]..bounds[b + 1]] AS ts
WITH customer_id, ts, last(ts) AS final,
     CASE WHEN last(ts).step IN rules.goals THEN 'converted'
          WHEN data_end_us - last(ts).occurred_at_us > rules.journey_window_us THEN 'lost'
          ELSE 'open' END AS outcome
WITH {journey_id: 'j:' + ts[0].touchpoint_id, customer_id: customer_id, outcome: outcome,
      value: CASE WHEN outcome = 'converted' THEN final.value END,
      steps: [t IN ts | t.step], channels: [t IN ts | t.channel],
      occurred_at_us: [t IN ts | t.occurred_at_us], touchpoint_ids: [t IN ts | t.touchpoint_id],
      touchpoints: ts} AS journey
// } journeys as of
