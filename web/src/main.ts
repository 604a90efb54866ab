import 'katex/dist/katex.min.css';
import './app/theme.css';
import './app/print.css';
import { mount } from 'svelte';
import App from './app/App.svelte';
import { keepOffline } from './app/offline';

mount(App, { target: document.getElementById('app')! });
keepOffline();
