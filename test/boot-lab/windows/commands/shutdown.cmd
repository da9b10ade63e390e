@echo off
echo x>C:\lab\restart
