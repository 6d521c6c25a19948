// What a source sent, day by day
// Answers: for each day (UTC) on which any source sent something: the touchpoints of all sources and those of this one; or
// with a field, the touchpoints of this source and those of them that leave it empty.
// Parameters:
//   $source  text: the source, e.g. 'web_shop'
//   $field   text or null: the field of a touchpoint, e.g. null
//   $known_until  text or null: an ISO 8601 instant, only what the system knew then, e.g. null
:params {source: 'web_shop', field: null, known_until: null};
MATCH (t:Touchpoint)
WHERE ($known_until IS NULL OR t.ingested_at <= datetime($known_until)) AND ($field IS NULL OR t.source = $source)
WITH date(t.occurred_at) AS day,
     CASE WHEN $field IS NULL THEN t.source = $source
          ELSE NOT CASE $field WHEN 'campaign' THEN EXISTS { (t)-[:CAME_FROM]->() }
                         WHEN 'product_id' THEN EXISTS { (t)-[:ABOUT]->() }
                         ELSE t[$field] IS NOT NULL END END AS event
RETURN toString(day) AS day, count(CASE WHEN event THEN 1 END) AS events, count(*) AS trials
ORDER BY day
