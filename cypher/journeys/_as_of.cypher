// Journeys as they were known at an instant (a part that takes the place of the stored journeys)
// journeys as of $as_of {
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
