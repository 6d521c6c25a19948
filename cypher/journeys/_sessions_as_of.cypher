// Sessions as they were known at an instant (a part that takes the place of the stored sessions)
// sessions as of $as_of {
MATCH (rules:Configuration {name: 'journeys'})
CALL () {
  MATCH (t:Touchpoint)
  WHERE t.ingested_at <= datetime($as_of)
  RETURN max(t.occurred_at_us) AS data_end_us
}
MATCH (t:Touchpoint)
WHERE t.ingested_at <= datetime($as_of)
OPTIONAL MATCH (:Identifier {kind: 'anonymous_id', value: t.anonymous_id})-[r:IDENTIFIES]->(known:Customer {anonymous: false})
WHERE t.known_customer_id IS NULL AND r.ingested_at <= datetime($as_of)
WITH rules, data_end_us, t, collect(DISTINCT known.customer_id) AS owners
WITH rules, data_end_us, t,
     coalesce(t.known_customer_id,
              CASE WHEN size(owners) = 1 THEN owners[0] ELSE 'anonymous:' + t.anonymous_id END) AS customer_id
ORDER BY customer_id, t.occurred_at_us, t.touchpoint_id
WITH rules, data_end_us, customer_id, collect(t) AS ts
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
