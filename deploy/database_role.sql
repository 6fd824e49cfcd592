-- The role that the site and the worker use: everything but the audit trail may be written, the trail only added to.
-- Run once as the owner of the tables (the role that runs `manage.py migrate`), and again after each migrate:
--   psql -f deploy/database_role.sql DATABASE
CREATE ROLE zhgg_app LOGIN;
GRANT USAGE ON SCHEMA public TO zhgg_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO zhgg_app;
GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO zhgg_app;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO zhgg_app;
REVOKE UPDATE, DELETE, TRUNCATE ON accounts_auditevent, accounts_auditseal FROM zhgg_app;
REVOKE UPDATE, DELETE, TRUNCATE ON accounts_privacyconfirmation FROM zhgg_app;
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM zhgg_app;
