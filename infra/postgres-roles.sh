#!/bin/sh
# First start of the database container: the application's role, which is no superuser, and its base.
set -eu
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d postgres \
  -v password="$(cat /run/secrets/app-password)" <<'SQL'
CREATE ROLE cessio LOGIN NOSUPERUSER NOBYPASSRLS CREATEROLE PASSWORD :'password';
CREATE DATABASE cessio OWNER cessio;
REVOKE ALL ON DATABASE cessio FROM PUBLIC;
SQL
