-- The cover of every open invoice now, whichever way it is kept.
CREATE OR REPLACE VIEW invoice_cover WITH (security_invoker = true) AS
SELECT invoice.id AS receivable_id, invoice.contract_id, invoice.debtor_id,
       CASE WHEN position.is_full
            THEN greatest(0, invoice.open_minor - coalesce(dispute.amount_minor, 0))
            ELSE coalesce(cover.covered_minor, 0) END AS covered_minor
  FROM receivable AS invoice
  LEFT JOIN cover_position AS position
    ON position.contract_id = invoice.contract_id AND position.debtor_id = invoice.debtor_id
  LEFT JOIN dispute ON dispute.receivable_id = invoice.id AND dispute.ended_at IS NULL
  LEFT JOIN receivable_cover AS cover ON cover.receivable_id = invoice.id
 WHERE invoice.closed_on IS NULL AND invoice.kind = 'invoice';
