// Journeys as they would be if only sure merges of customers stood (a part that takes the place of the stored journeys)
// Parameters:
//   $least_confidence  float: only merges of at least this confidence stand
// journeys under merges of at least $least_confidence {
MATCH (rules:Configuration {name: 'journeys'})
CALL () {
  // Whose journeys would be others: whoever a less sure merge leads to, and those to whom their visitors would go.
  MATCH (b)-[unsure:MERGED_INTO]->()
  WHERE unsure.confidence < $least_confidence
  MATCH (b)-[:MERGED_INTO*1..]->(root:Customer)
  WITH collect(DISTINCT root) AS roots
  CALL (roots) {
    UNWIND roots AS root
    RETURN root AS one
    UNION
    UNWIND roots AS root
    MATCH (root)<-[:MERGED_INTO*0..]-()<-[:IDENTIFIES]-(i:Identifier {kind: 'anonymous_id'})
    MATCH (:MergedCustomer {customer_id: 'anonymous:' + i.value})-[:MERGED_INTO*1..]->(one:Customer)
    RETURN one
  }
  RETURN collect(DISTINCT one) AS changed, collect(DISTINCT one.customer_id) AS changed_ids
}
CALL (rules, changed, changed_ids) {
  MATCH (j:Journey)
  WHERE NOT j.customer_id IN changed_ids
  RETURN j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
  UNION ALL
  UNWIND changed AS one
  MATCH (one)-[:MADE]->(t:Touchpoint)
  WHERE NOT one:Withheld  // whoever withdrew consent to analytics, with all who are merged with them
  OPTIONAL MATCH (:Identifier {kind: 'anonymous_id', value: t.anonymous_id})-[:IDENTIFIES]->(known:Customer|MergedCustomer {anonymous: false})
  WHERE t.known_customer_id IS NULL
  WITH rules, t, CASE WHEN t.known_customer_id IS NULL THEN collect(DISTINCT known.customer_id)
                      ELSE [t.known_customer_id] END AS named
  CALL (named) {
    UNWIND named AS owner
    OPTIONAL MATCH way = (:MergedCustomer {customer_id: owner})-[:MERGED_INTO*1..]->(stays)
    WHERE all(m IN relationships(way) WHERE m.confidence >= $least_confidence)
      AND NOT EXISTS { (stays)-[m:MERGED_INTO]->() WHERE m.confidence >= $least_confidence }
    RETURN collect(DISTINCT coalesce(stays.customer_id, owner)) AS people
  }
  WITH rules, t, CASE WHEN size(people) = 1 THEN people[0] ELSE 'anonymous:' + t.anonymous_id END AS person
  OPTIONAL MATCH way = (:MergedCustomer {customer_id: person})-[:MERGED_INTO*1..]->(stays)
  WHERE all(m IN relationships(way) WHERE m.confidence >= $least_confidence)
    AND NOT EXISTS { (stays)-[m:MERGED_INTO]->() WHERE m.confidence >= $least_confidence }
  WITH rules, t, coalesce(stays.customer_id, person) AS customer_id
  ORDER BY customer_id, t.occurred_at_us, t.touchpoint_id
  WITH rules, customer_id, collect(t) AS ts
  WITH rules, customer_id, ts,
       [k IN range(0, size(ts) - 1)
        WHERE k = 0 OR ts[k - 1].step IN rules.goals
           OR ts[k].occurred_at_us - ts[k - 1].occurred_at_us > rules.journey_window_us] + [size(ts)] AS bounds
  UNWIND range(0, size(bounds) - 2) AS b
  WITH rules, customer_id, ts[bounds[b]..bounds[b + 1]] AS ts
  WITH rules, customer_id, ts, last(ts) AS final
  RETURN {journey_id: 'j:' + ts[0].touchpoint_id, customer_id: customer_id,
          outcome: CASE WHEN final.step IN rules.goals THEN 'converted'
                        WHEN rules.data_end_us - final.occurred_at_us > rules.journey_window_us THEN 'lost'
                        ELSE 'open' END,
          value: CASE WHEN final.step IN rules.goals THEN final.value END,
          steps: [t IN ts | t.step], channels: [t IN ts | t.channel],
          occurred_at_us: [t IN ts | t.occurred_at_us], touchpoints: ts} AS journey
}
WITH journey
// } journeys under
