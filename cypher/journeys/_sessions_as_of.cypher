// Sessions as they were known at an instant (a part that takes the place of the stored sessions)
// sessions as of $as_of {
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
     // Where each journey ends: the outcome of the journey that a session ends in may be the session's.
     [k IN range(1, size(ts))
      WHERE k = size(ts) OR ts[k - 1].step IN rules.goals
         OR ts[k].occurred_at_us - ts[k - 1].occurred_at_us > rules.journey_window_us] AS ends
CALL (rules, ts) {
  WITH rules, ts, [k IN range(0, size(ts) - 1) WHERE ts[k].source_session_id IS NULL] AS free
  WITH ts, free,
       [n IN range(0, size(free) - 1)
        WHERE n = 0
           OR ts[free[n]].occurred_at_us - ts[free[n - 1]].occurred_at_us > rules.session_idle_us] + [size(free)] AS bounds
  UNWIND range(0, size(bounds) - 2) AS b
  RETURN free[bounds[b]..bounds[b + 1]] AS members
  UNION ALL
  UNWIND range(0, size(ts) - 1) AS k
  WITH k, ts[k].source AS source, ts[k].source_session_id AS source_session_id
  WHERE source_session_id IS NOT NULL
  WITH k, source, source_session_id
  ORDER BY k
  WITH source, source_session_id, collect(k) AS members
  RETURN members
}
WITH rules, data_end_us, customer_id, [k IN members | ts[k]] AS own,
     ts[head([end IN ends WHERE end > last(members)]) - 1] AS final
WITH rules, data_end_us, customer_id, own, final, [t IN own WHERE t.step IN rules.goals] AS goals
WITH {session_id: 's:' + own[0].touchpoint_id, customer_id: customer_id,
      outcome: CASE WHEN size(goals) > 0 THEN 'converted'
                    WHEN NOT final.step IN rules.goals
                     AND data_end_us - final.occurred_at_us > rules.journey_window_us THEN 'lost'
                    ELSE 'open' END,
      value: reduce(total = null, t IN [t IN goals WHERE t.value IS NOT NULL] | coalesce(total, 0.0) + t.value),
      steps: [t IN own | t.step], channels: [t IN own | t.channel],
      occurred_at_us: [t IN own | t.occurred_at_us], touchpoint_ids: [t IN own | t.touchpoint_id],
      touchpoints: own} AS session
// } sessions as of
