// Only the journeys of a segment and a period (a part that follows the source of the journeys)
// Parameters:
//   $filters  list of maps {key, values, without}: the journey has (or is without) a touchpoint with one of these values
//   $since_us  integer or null: only journeys that start at or after this instant (microseconds since 1970, UTC)
//   $until_us  integer or null: only journeys that start before this instant
//   $members_at  text or null: an ISO 8601 instant: who was in a segment then; null: who is now
//   $group_by  text or null: the property whose first known value becomes the journey's group
// only journeys that match $filters and start in the period {
// A row keeps what it is given until the rows are sorted, so nothing is handed on that isn't needed.
WITH journey
WHERE ($since_us IS NULL OR journey.occurred_at_us[0] >= $since_us)
  AND ($until_us IS NULL OR journey.occurred_at_us[0] < $until_us)
  AND all(f IN $filters WHERE CASE f.key
        WHEN 'outcome' THEN f.without <> (journey.outcome IN f.values)
        WHEN 'step' THEN f.without <> any(step IN journey.steps WHERE step IN f.values)
        WHEN 'channel' THEN f.without <> any(channel IN journey.channels WHERE channel IN f.values)
        // A customer's journey is in a segment where the customer is: nothing is asked of its touchpoints.
        WHEN 'segment' THEN journey.grain IS NOT NULL OR f.without <> EXISTS {
          MATCH (:Customer {customer_id: journey.customer_id})-[m:IN_SEGMENT]->(s:Segment)
          WHERE s.name IN f.values AND CASE WHEN $members_at IS NULL THEN m.until IS NULL
            ELSE m.since <= datetime($members_at) AND coalesce(m.until > datetime($members_at), true) END }
        ELSE true END)
WITH journey,
     CASE WHEN all(key IN [$group_by] + [f IN $filters | f.key]
                   WHERE key IS NULL OR key IN ['outcome', 'step', 'channel'] OR (key = 'segment' AND journey.grain IS NULL)) THEN null
          ELSE coalesce(journey.touchpoints, COLLECT {
            MATCH (:Journey {journey_id: journey.journey_id})-[i:INCLUDES]->(t:Touchpoint)
            RETURN t ORDER BY i.position
            UNION ALL
            MATCH (:Session {session_id: journey.journey_id})-[i:INCLUDES]->(t:Touchpoint)
            RETURN t ORDER BY i.position
          }) END AS touchpoints
WHERE touchpoints IS NULL OR all(f IN $filters WHERE f.key IN ['outcome', 'step', 'channel']
        OR (f.key = 'segment' AND journey.grain IS NULL) OR f.without <> coalesce(any(t IN touchpoints WHERE
        CASE f.key WHEN 'campaign' THEN EXISTS { MATCH (t)-[:CAME_FROM]->(k:Campaign) WHERE k.name IN f.values }
                   WHEN 'product' THEN EXISTS { MATCH (t)-[:ABOUT]->(p:Product) WHERE p.product_id IN f.values }
                   WHEN 'category' THEN EXISTS { MATCH (t)-[:ABOUT]->(:Product)-[:IN_CATEGORY]->(c:Category) WHERE c.name IN f.values }
                   WHEN 'segment' THEN EXISTS {
                     MATCH (t)<-[:MADE]-(:Customer)-[m:IN_SEGMENT]->(s:Segment)
                     WHERE s.name IN f.values AND CASE WHEN $members_at IS NULL THEN m.until IS NULL
                       ELSE m.since <= datetime($members_at) AND coalesce(m.until > datetime($members_at), true) END }
                   WHEN 'household_id' THEN EXISTS { MATCH (t)-[:BELONGS_TO]->(h:Household) WHERE h.household_id IN f.values }
                        OR EXISTS { MATCH (t)<-[:MADE]-()<-[:MERGED_INTO*0..]-()-[:LIVES_IN]->(h:Household) WHERE h.household_id IN f.values }
                   WHEN 'account_id' THEN EXISTS { MATCH (t)-[:BELONGS_TO]->(a:Account) WHERE a.account_id IN f.values }
                   WHEN 'order_id' THEN EXISTS { MATCH (t)-[:BELONGS_TO]->(o:Order) WHERE o.order_id IN f.values }
                   ELSE toString(t[f.key]) IN f.values END), false))
WITH CASE WHEN $group_by IS NULL THEN journey ELSE journey {.*, group: CASE
       WHEN $group_by = 'outcome' THEN journey.outcome
       WHEN $group_by = 'step' THEN journey.steps[0]
       WHEN $group_by = 'channel' THEN journey.channels[0]
       WHEN $group_by = 'segment' AND journey.grain IS NULL THEN head(COLLECT {
         MATCH (:Customer {customer_id: journey.customer_id})-[m:IN_SEGMENT]->(s:Segment)
         WHERE CASE WHEN $members_at IS NULL THEN m.until IS NULL
           ELSE m.since <= datetime($members_at) AND coalesce(m.until > datetime($members_at), true) END
         RETURN s.name ORDER BY s.name })
       ELSE head([value IN [t IN touchpoints |
         CASE $group_by WHEN 'campaign' THEN head(COLLECT { MATCH (t)-[:CAME_FROM]->(k:Campaign) RETURN k.name ORDER BY k.name })
                WHEN 'product' THEN head(COLLECT { MATCH (t)-[:ABOUT]->(p:Product) RETURN p.product_id ORDER BY p.product_id })
                WHEN 'category' THEN head(COLLECT { MATCH (t)-[:ABOUT]->(:Product)-[:IN_CATEGORY]->(c:Category) RETURN c.name ORDER BY c.name })
                WHEN 'segment' THEN head(COLLECT {
                  MATCH (t)<-[:MADE]-(:Customer)-[m:IN_SEGMENT]->(s:Segment)
                  WHERE CASE WHEN $members_at IS NULL THEN m.until IS NULL
                    ELSE m.since <= datetime($members_at) AND coalesce(m.until > datetime($members_at), true) END
                  RETURN s.name ORDER BY s.name })
                WHEN 'household_id' THEN head(COLLECT {
                  CALL (t) { MATCH (t)-[:BELONGS_TO]->(h:Household) RETURN h.household_id AS id
                             UNION MATCH (t)<-[:MADE]-()<-[:MERGED_INTO*0..]-()-[:LIVES_IN]->(h:Household) RETURN h.household_id AS id }
                  RETURN id ORDER BY id })
                WHEN 'account_id' THEN head(COLLECT { MATCH (t)-[:BELONGS_TO]->(a:Account) RETURN a.account_id AS id ORDER BY id })
                WHEN 'order_id' THEN head(COLLECT { MATCH (t)-[:BELONGS_TO]->(o:Order) RETURN o.order_id AS id ORDER BY id })
                ELSE toString(t[$group_by]) END] WHERE value IS NOT NULL]) END} END AS journey
// } only
