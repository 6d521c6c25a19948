// Let touchpoints count again that were set aside
// Answers: how many; nothing is left of why they were set aside, and their customers are marked.
// Parameters:
//   $rows  list of text: ids of touchpoints, e.g. ['t1']
:params {rows: ['t1']};
UNWIND $rows AS touchpoint_id
MATCH (t:SetAside {touchpoint_id: touchpoint_id})
OPTIONAL MATCH (t)-[same:SAME_EVENT_AS]->()
DELETE same
REMOVE t:SetAside, t.set_aside_as, t.set_aside_by
SET t:Touchpoint
FOREACH (c IN [(c:Customer)-[:MADE]->(t) | c] | SET c:Unthreaded)
FOREACH (_ IN CASE t.channel WHEN 'web' THEN [1] END | SET t:WebVisit)
FOREACH (_ IN CASE t.channel WHEN 'app' THEN [1] END | SET t:AppInteraction)
FOREACH (_ IN CASE t.channel WHEN 'store' THEN [1] END | SET t:StoreVisit)
FOREACH (_ IN CASE t.channel WHEN 'email' THEN [1] END | SET t:EmailInteraction)
FOREACH (_ IN CASE t.channel WHEN 'ad' THEN [1] END | SET t:AdInteraction)
FOREACH (_ IN CASE t.channel WHEN 'social' THEN [1] END | SET t:SocialInteraction)
FOREACH (_ IN CASE t.channel WHEN 'service' THEN [1] END | SET t:ServiceContact)
RETURN count(DISTINCT t) AS restored
