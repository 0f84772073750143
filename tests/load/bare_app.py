"""The control of reads and writes: FastAPI and asyncpg, the same token check, the same rows, nothing else."""

SELECT = "SELECT * FROM case_file WHERE id = $1"
INSERT = """
INSERT INTO case_file (tenant_id, id, keeping_authority, file_number, family_name, given_names, folded_family_name,
                       folded_given_names, medium, version, opened_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'paper', 1, now())
"""
