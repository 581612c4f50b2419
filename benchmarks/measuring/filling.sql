-- So many transactions of two years, by number (`filling.py`). Every die is a hash of the row's number: the same rows each
-- time. `kept`: not erased; `was_read`: and there is a card. What is sealed of a reading lies outside the row, which holds
-- a pointer of 18 bytes (TOAST); an answer lies within it. 40 accounts: the first has two fifths of all.
INSERT INTO ocr_transaction (id, owner_id, created, finished, erased, outcome, binding, worker, idempotency_mark, request_sha256,
 document_type, device, return_id, validate_sides, details, front_sha256, back_sha256, status, sealed_answer, valid,
 match, review, review_reasons, reviews_written, confidence, issuer, model, curp_mark, elector_key_mark, cic_mark,
 document_number_mark, sealed_reading, readers, milliseconds)
SELECT n, owner, day, day + interval '180 ms', CASE WHEN NOT kept THEN day + interval '365 days' END, outcome,
 md5(n::text)::uuid, CASE WHEN kept THEN 'web-1:4711:123456' ELSE '' END,
 CASE WHEN kept AND mod(a, 4) = 0 THEN encode(sha256(int8send(n)), 'hex') END,
 CASE WHEN kept AND mod(a, 4) = 0 THEN encode(sha256(int8send(-n)), 'hex') ELSE '' END,
 CASE WHEN kept THEN 'id_mexico' ELSE '' END,
 CASE WHEN NOT kept THEN '' WHEN b < 450 THEN 'ANDROID' WHEN b < 850 THEN 'IOS' WHEN b < 852 THEN 'DESKTOP' ELSE '' END,
 CASE WHEN kept THEN true END, CASE WHEN kept THEN mod(b, 10) < 3 END, CASE WHEN kept THEN false END,
 CASE WHEN kept THEN encode(sha256(int8send(n * 2)), 'hex') ELSE '' END,
 CASE WHEN kept THEN encode(sha256(int8send(n * 2 + 1)), 'hex') ELSE '' END,
 CASE WHEN kept THEN CASE WHEN outcome IN (200, 500) THEN outcome WHEN outcome = 852 THEN 503 ELSE 400 END END,
 CASE WHEN kept THEN decode(repeat(md5(n::text), 28), 'hex') END,
 CASE WHEN kept THEN was_read AND c >= 80 END, CASE WHEN was_read THEN c >= 2 END,
 CASE WHEN NOT was_read OR c >= 80 THEN '' WHEN n > total - total / 60 THEN 'waiting' WHEN c < 60 THEN 'approved'
      ELSE 'rejected' END,
 CASE WHEN NOT was_read OR c >= 80 THEN '' WHEN c < 2 THEN 'invalid,mismatch' WHEN c < 3 THEN 'invalid,code'
      WHEN c < 5 THEN 'invalid,other_data' WHEN c < 40 THEN 'invalid' ELSE 'invalid,unsure' END,
 0, CASE WHEN was_read THEN 0.5 + c / 2000.0 END, CASE WHEN was_read THEN CASE WHEN d < 20 THEN 'IFE' ELSE 'INE' END
 ELSE '' END,
 CASE WHEN NOT was_read THEN '' WHEN d < 1 THEN 'D' WHEN d < 150 THEN 'E' WHEN d < 350 THEN 'F' WHEN d < 700 THEN 'G'
      WHEN d < 999 THEN 'H' ELSE 'J' END,
 CASE WHEN was_read THEN encode(sha256(int8send(person * 8 + 0)), 'hex') ELSE '' END,
 CASE WHEN was_read THEN encode(sha256(int8send(person * 8 + 1)), 'hex') ELSE '' END,
 CASE WHEN was_read THEN encode(sha256(int8send(person * 8 + 2)), 'hex') ELSE '' END,
 CASE WHEN was_read THEN encode(sha256(int8send(person * 8 + 3)), 'hex') ELSE '' END,
 CASE WHEN was_read THEN decode(repeat('aa', 18), 'hex') END, CASE WHEN was_read THEN 'glance' ELSE '' END,
 CASE WHEN kept THEN 90 + c END
FROM (
 SELECT *, kept AND outcome = 200 AS was_read FROM (
  SELECT n, %(total)s::bigint AS total, n > %(total)s / 2 AS kept,
   now() - interval '730 days' * (1 - n / %(total)s::float) AS day,
   (%(first_owner)s + CASE WHEN a < 400 THEN 0 WHEN a < 999 THEN 1 + mod(a, 9) ELSE 10 + mod(b, 30) END)::int
     AS owner,
   CASE WHEN c < 930 THEN 200 WHEN c < 960 THEN 806 WHEN c < 980 THEN 814 WHEN c < 990 THEN 819 WHEN c < 995 THEN 816
        WHEN c < 998 THEN 852 WHEN d < 10 THEN 500 WHEN d < 20 THEN 504 ELSE 800 END AS outcome,
   CASE WHEN e < 2 THEN 1 ELSE 2 + mod(abs(hashint8extended(n, 6)), %(total)s * 6 / 10) END AS person,
   a, b, mod(c * 7 + d, 1000) AS c, d
  FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n,
   LATERAL (SELECT mod(abs(hashint8extended(n, 1)), 1000) AS a,
    mod(abs(hashint8extended(n, 2)), 1000) AS b,
    mod(abs(hashint8extended(n, 3)), 1000) AS c,
    mod(abs(hashint8extended(n, 4)), 1000) AS d,
    mod(abs(hashint8extended(n, 5)), 1000) AS e) dice
 ) AS drawn
) AS seen
