import 'katex/dist/katex.min.css';
import './app/theme.css';
import './app/print.css';
import { mount } from 'svelte';
import App from './app/App.svelte';
import { presence } from './app/presence.svelte';

mount(App, { target: document.getElementById('app')! });
presence.listen();
