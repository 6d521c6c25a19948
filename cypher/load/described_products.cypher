// Store what a table says of products: properties, names and categories, whether a touchpoint is about them or not
// Answers: of how many products anything is new. Of several names the one that comes first in the alphabet stands.
// Parameters:
//   $rows  list of lists: product_id, properties (a map whose keys begin with p_), name or null, categories; no product twice
:params {rows: [['shoe-7', {p_brand: 'own'}, null, ['shoes']]]};
UNWIND $rows AS row
OPTIONAL MATCH (known:Product {product_id: row[0]})
WITH row, known IS NULL OR (row[2] IS NOT NULL AND (known.name IS NULL OR row[2] < known.name))
       OR any(name IN keys(row[1]) WHERE known[name] IS NULL OR known[name] <> row[1][name])
       OR any(category IN row[3] WHERE NOT EXISTS { (known)-[:IN_CATEGORY]->(:Category {name: category}) }) AS new
MERGE (p:Product {product_id: row[0]})
SET p += row[1], p.described = true
SET p.name = CASE WHEN row[2] < p.name OR p.name IS NULL THEN row[2] ELSE p.name END
FOREACH (category IN row[3] | MERGE (k:Category {name: category}) MERGE (p)-[:IN_CATEGORY]->(k))
RETURN count(CASE WHEN new THEN 1 END) AS new
